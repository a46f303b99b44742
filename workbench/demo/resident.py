"""A resident and a household before they are rows: what is true of them, known to somebody or not."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Employment = Literal["none", "employee", "flexible", "self_employed", "public_post"]


@dataclass(slots=True)
class Resident:
    """One person. None means that nobody on file knows."""

    id: str
    name: str
    sex: str
    birth_date: date
    relation: str  # GB/T 4761, to the head
    id_no: str = ""
    phone: str = ""
    ethnic: str = "01"
    marital: str = ""
    education: str = ""
    rank: Literal["department", "document", "word"] = "department"
    account: str = ""
    #: (category, level), or () for certainly none.
    disability: tuple[str, str] | tuple[()] | None = None
    employment: Employment | None = None
    unemployed_since: date | None = None
    has_pension: bool | None = None
    spouse: "Resident | None" = None
    children: "list[Resident]" = field(default_factory=list)
    guardian: "Resident | None" = None
    status: str = "active"
    #: What somebody said that does not agree with the source: (fact key, value).
    said: tuple[tuple[str, object], ...] = ()


@dataclass(slots=True)
class Household:
    """People who live together."""

    id: str
    hub_id: str
    community_id: str
    grid_id: str
    address: str
    members: list[Resident]
    is_local: bool | None = True
    kind: Literal["rural", "urban"] | None = "urban"
    dibao: bool | None = None
    #: Monthly income per head in fen, as the means check found it.
    income: int | None = None
