"""Where a demonstration value comes from: the department that owns it, a paper seen, the resident's word."""

from datetime import date, timedelta
from typing import Any

from ..catalogue.dictionary import load_dictionary
from ..people.facts import FactInput, Rank
from .chance import Chance

#: Owners of rule facts that are no form fields.
OWNERS = {
    "hukou": "公安局",
    "resident_months": "公安局",
    "residence_permit": "公安局",
    "employment": "人力资源和社会保障局",
    "hard_employment": "人力资源和社会保障局",
    "pension": "人力资源和社会保障局",
    "termination": "人力资源和社会保障局",
    "unemployment_insurance": "人力资源和社会保障局",
    "resident_pension": "人力资源和社会保障局",
    "household": "民政局",
    "tekun": "民政局",
    "orphan_allowance": "民政局",
    "work_injury_care": "人力资源和社会保障局",
    "children": "卫生健康委员会",
    "disability": "残疾人联合会",
}


def draw_rank(chance: Chance) -> Rank:
    """Take a rank: mostly departments."""
    draw = chance.share()
    return "department" if draw < 0.82 else "document" if draw < 0.92 else "word"


def make_fact(chance: Chance, key: str, value: Any, rank: Rank, today: date) -> FactInput:
    """Attach where a value came from; one in ten has not been refreshed for a year or more."""
    if rank == "word":
        return FactInput(key, value, "word", "本人", today - timedelta(days=chance.number(0, 200)))
    age = chance.number(370, 900) if chance.happens(0.1) else chance.number(0, 20)
    source = _owner(key) if rank == "department" else _paper(key)
    return FactInput(key, value, rank, source, today - timedelta(days=age))


def _paper(key: str) -> str:
    return "户口簿" if "hukou" in key else "证件原件"


def _owner(key: str) -> str:
    entry = load_dictionary().entries.get(key)
    return entry.authority if entry and entry.authority else OWNERS.get(key.partition(".")[0], "公安局")
