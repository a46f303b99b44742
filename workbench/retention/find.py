"""Reads what the pages of retention show: what is due, with what holds it; holds; what was erased. Narrow rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from ..cases.models import CaseRow
from ..catalogue.items import Catalogue
from ..identity.seen import lists
from ..people.models import PersonRow
from ..store.context import Context
from .holds import Hold, holds_of, people_held
from .models import ErasureRow, HoldRow

PAGE, SHOWN = 50, 30


@dataclass(frozen=True, slots=True)
class Due:
    """One line of the list of what is due."""

    row: Any
    holds: tuple[Hold, ...]


_E, _C, _P = ErasureRow, CaseRow, PersonRow
_COLUMNS = (
    *(
        col(getattr(_E, name))
        for name in (
            "id", "kind", "mark", "person_id", "case_id", "case_no", "years", "said", "basis", "due_on", "state",
            "released_name", "reason", "erased_at",
        )
    ),
    col(_C.title_zh), col(_C.title_en), col(_C.concluded_at), col(_P.name),
)  # fmt: skip


def read_due(ctx: Context, known: Catalogue, after: tuple[date, str] | None, limit: int = PAGE + 1) -> list[Due]:
    """Give what is due or being erased at the hub, longest due first. As many queries for one as for fifty."""
    query = _lines().where(col(_E.hub_id) == ctx.hub.id, col(_E.state).in_(("due", "released")))
    if after is not None:
        query = query.where(or_(col(_E.due_on) > after[0], and_(col(_E.due_on) == after[0], col(_E.id) > after[1])))
    rows = ctx.session.execute(query.order_by(col(_E.due_on), col(_E.id)).limit(limit)).all()
    lists(row.person_id for row in rows)
    held = holds_of(ctx.session, known, [row.case_id for row in rows if row.case_id])
    people = people_held(ctx.session, [row.person_id for row in rows if not row.case_id])
    return [Due(row, _holds(row, held, people)) for row in rows]


def _holds(row: Any, held: dict[str, list[Hold]], people: dict[str, str]) -> tuple[Hold, ...]:
    if row.case_id:
        return tuple(held.get(row.case_id, ()))
    return (Hold("hold", people[row.person_id]),) if row.person_id in people else ()


def read_one(ctx: Context, known: Catalogue, erasure_id: str) -> Due | None:
    """Give one line of this hub, whatever its state."""
    row = ctx.session.execute(_lines().where(col(_E.hub_id) == ctx.hub.id, col(_E.id) == erasure_id[:26])).first()
    if row is None:
        return None
    lists([row.person_id])
    held = holds_of(ctx.session, known, [row.case_id]) if row.case_id and row.state != "erased" else {}
    return Due(row, _holds(row, held, people_held(ctx.session, [row.person_id])))


def _lines() -> Any:
    lines = select(*_COLUMNS).join(PersonRow, col(_P.id) == col(_E.person_id))
    return lines.outerjoin(CaseRow, col(_C.id) == col(_E.case_id))


def count_due(ctx: Context) -> int:
    """Count what is due at the hub."""
    query = select(func.count()).select_from(_E).where(col(_E.hub_id) == ctx.hub.id, col(_E.state) == "due")
    return int(ctx.session.scalar(query) or 0)


def read_erased(ctx: Context, limit: int = SHOWN) -> Sequence[Any]:
    """Give what was erased last at the hub."""
    query = _lines().where(col(_E.hub_id) == ctx.hub.id, col(_E.state) == "erased")
    return ctx.session.execute(query.order_by(col(_E.due_on).desc(), col(_E.id).desc()).limit(limit)).all()


def read_holds(ctx: Context) -> list[HoldRow]:
    """Give what is held at the hub now."""
    query = select(HoldRow).where(col(HoldRow.hub_id) == ctx.hub.id, col(HoldRow.lifted_at).is_(None))
    return list(ctx.session.scalars(query.order_by(col(HoldRow.at).desc()).limit(200)))


def case_by_number(ctx: Context, number: str) -> CaseRow | None:
    """Give a case of this hub by its number."""
    query = select(CaseRow).where(col(CaseRow.case_no) == number.strip()[:60], col(CaseRow.hub_id) == ctx.hub.id)
    return ctx.session.scalars(query).first()
