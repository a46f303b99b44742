"""Lists of cases: narrow rows, one query each, paged by the last row seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, false, func, or_, select
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..identity.seen import lists
from ..people.models import PersonRow
from ..staff.cover_models import CoverRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.locking import ALONE
from ..store.rows import Prepared, prepare, run
from .models import CaseRow, DraftRow
from .moves import OPEN_STATES

FAR = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One row of a list."""

    id: str
    case_no: str | None
    line_id: str
    title_zh: str
    title_en: str
    person_id: str
    person_name: str
    state: str
    step: str
    step_by: str
    reference: str
    result: str
    accepted_at: datetime | None
    due_on: date | None
    updated_at: datetime
    reception_id: str
    limit_days: int | None = None


COLUMNS = (
    col(CaseRow.id),
    col(CaseRow.case_no),
    col(CaseRow.line_id),
    col(CaseRow.title_zh),
    col(CaseRow.title_en),
    col(CaseRow.person_id),
    col(PersonRow.name),
    col(CaseRow.state),
    col(CaseRow.step),
    col(CaseRow.step_by),
    col(CaseRow.reference),
    col(CaseRow.result),
    col(CaseRow.accepted_at),
    col(CaseRow.due_on),
    col(CaseRow.updated_at),
    col(CaseRow.reception_id),
    col(CaseRow.limit_days),
)


def _lines() -> Select[*tuple[object, ...]]:
    return select(*COLUMNS).join(PersonRow, col(PersonRow.id) == col(CaseRow.person_id))


def open_cases(
    ctx: Context, *, mine: bool = True, limit: int = 51, after: tuple[str, str] | None = None
) -> list[CaseLine]:
    """List open cases by due day, one more than asked for tells that there is a next page."""
    if mine and not after:
        return _read(ctx.session, FIRST_OPEN, hub=ctx.hub.id, owner=ctx.actor.id, most=limit)
    query = _lines().where(col(CaseRow.hub_id) == ctx.hub.id, col(CaseRow.state).in_(OPEN_STATES))
    if mine:
        query = query.where(col(CaseRow.owner_id) == ctx.actor.id)
    return _read_once(ctx.session, _by_due(query, after).limit(limit))


def cases_to_review(
    ctx: Context,
    roles: frozenset[str],
    limit: int = 51,
    *,
    after: tuple[str, str] | None = None,
    line_id: str = "",
) -> list[CaseLine]:
    """List cases whose open step is for one of these roles, nearest due first; a role for one line counts there."""
    own = and_(col(CaseRow.hub_id) == ctx.hub.id, col(CaseRow.home_hub_id) == "")
    states = ("accepted", "reviewing", "suspended")  # a step that stopped the clock itself is still to be taken
    query = _lines().where(or_(own, col(CaseRow.home_hub_id) == ctx.hub.id), col(CaseRow.state).in_(states))
    query = query.where(or_(false(), *(_is_for(*role.partition(":")[::2]) for role in sorted(roles))))
    if line_id:
        query = query.where(col(CaseRow.line_id) == line_id)
    return _read_once(ctx.session, _by_due(query, after).limit(limit))


def _is_for(kind: str, line_id: str) -> ColumnElement[bool]:
    """An approver may take a reviewer's step too, as their verbs say; a cross-line check is for the other line."""
    steps = {"reviewer": ("reviewer",), "policy": ("policy",), "approver": ("reviewer", "approver")}.get(kind, ())
    fits = col(CaseRow.step_by).in_(steps)
    line = func.coalesce(func.nullif(col(CaseRow.step_line), ""), col(CaseRow.line_id))
    return and_(fits, line == line_id) if line_id else fits


def _by_due(query: Select[*tuple[object, ...]], after: tuple[str, str] | None) -> Select[*tuple[object, ...]]:
    due = func.coalesce(col(CaseRow.due_on), FAR)
    if after:
        try:
            day = date.fromisoformat(after[0])
        except ValueError:
            day = date.min
        query = query.where((due > day) | ((due == day) & (col(CaseRow.id) > after[1])))
    return query.order_by(due, col(CaseRow.id))


def handed_cases(ctx: Context, limit: int = 50) -> list[tuple[CaseLine, str]]:
    """List the open cases of colleagues that are in this worker's hands now, each with its owner's name. One query."""
    rows = run(ctx.session, HANDED, holder=ctx.actor.id, hub=ctx.hub.id, now=ctx.clock.now(), most=limit)
    return [(CaseLine(*row[:-1]), row[-1]) for row in rows]


def recent_cases(ctx: Context, states: tuple[str, ...], limit: int = 20) -> list[CaseLine]:
    """List the worker's own cases in some states, newest change first."""
    return _read(ctx.session, RECENT, hub=ctx.hub.id, owner=ctx.actor.id, states=states, most=limit)


def cases_of(ctx: Context, person_id: str, limit: int = 50) -> list[CaseLine]:
    """List a resident's cases, newest first, drafts of others left out."""
    return _read(ctx.session, OF_PERSON, person=person_id, hub=ctx.hub.id, owner=ctx.actor.id, most=limit)


def find_by_number(ctx: Context, text: str, limit: int = 10) -> list[CaseLine]:
    """Find cases by our number (whole or its end) or by the department's number."""
    typed = text.strip()
    return _read(ctx.session, NUMBERED, hub=ctx.hub.id, number=typed.upper(), reference=typed, most=limit)


def parked_drafts(ctx: Context, limit: int = 9) -> list[CaseLine]:
    """List the worker's forms that are not accepted yet, last touched first; own work in every frame is no look."""
    return [CaseLine(*row) for row in run(ctx.session, PARKED, hub=ctx.hub.id, owner=ctx.actor.id, most=limit)]


def get_case(ctx: Context, case_id: str, *, lock: bool = False) -> CaseRow | None:
    """Give a case of the context's hub: accepted there, or sent there to be decided."""
    case = ctx.session.get(CaseRow, case_id[:26], with_for_update=ALONE if lock else None)
    return case if case is not None and ctx.hub.id in (case.hub_id, case.home_hub_id) else None


def _at_hub(hub_id: Any) -> ColumnElement[bool]:
    """Filter by hub; coalesce keeps planners from the index over hub_id, which would read the whole hub."""
    is_here: ColumnElement[bool] = func.coalesce(col(CaseRow.hub_id), "") == hub_id
    return is_here


def _read(session: Session, query: Prepared, **values: Any) -> list[CaseLine]:
    return _listed([CaseLine(*row) for row in run(session, query, **values)])


def _read_once(session: Session, query: Select[*tuple[object, ...]]) -> list[CaseLine]:
    rows: Iterable[Any] = session.connection().execute(query)
    return _listed([CaseLine(*row) for row in rows])


def _listed(lines: list[CaseLine]) -> list[CaseLine]:
    lists(line.person_id for line in lines)
    return lines


# The lists of every page, prepared.
_OWN = _lines().where(col(CaseRow.owner_id) == bindparam("owner"), col(CaseRow.hub_id) == bindparam("hub"))
_MOST = bindparam("most", type_=Integer)
FIRST_OPEN = prepare(_by_due(_OWN.where(col(CaseRow.state).in_(OPEN_STATES)), None).limit(_MOST))
_NOW = bindparam("now", type_=UTCDateTime())
HANDED = prepare(
    _by_due(
        _lines()
        .add_columns(col(WorkerRow.name).label("owner"))
        .join(
            CoverRow, (col(CoverRow.from_id) == col(CaseRow.owner_id)) & (col(CoverRow.line_id) == col(CaseRow.line_id))
        )
        .join(WorkerRow, col(WorkerRow.id) == col(CaseRow.owner_id))
        .where(col(CoverRow.to_id) == bindparam("holder"), col(CoverRow.ends_at) > _NOW)
        .where(col(CoverRow.starts_at) <= _NOW, col(CoverRow.hub_id) == bindparam("hub"))
        .where(col(CaseRow.hub_id) == bindparam("hub"), col(CaseRow.line_id) == col(CoverRow.line_id))
        .where(col(CaseRow.state).in_(OPEN_STATES)),
        None,
    ).limit(_MOST)
)
RECENT = prepare(
    _OWN.where(col(CaseRow.state).in_(bindparam("states", expanding=True)))
    .order_by(col(CaseRow.updated_at).desc(), col(CaseRow.id))
    .limit(_MOST)
)
NUMBERED = prepare(
    _lines()
    .where(_at_hub(bindparam("hub")))
    .where((col(CaseRow.case_no) == bindparam("number")) | (col(CaseRow.reference) == bindparam("reference")))
    .limit(_MOST)
)
PARKED = prepare(
    _OWN.join(DraftRow, col(DraftRow.case_id) == col(CaseRow.id))
    .where(col(CaseRow.state) == "draft")
    .order_by(col(DraftRow.saved_at).desc())
    .limit(_MOST)
)
OF_PERSON = prepare(
    _lines()
    .where(col(CaseRow.person_id) == bindparam("person"), _at_hub(bindparam("hub")), col(CaseRow.state) != "voided")
    .where((col(CaseRow.state) != "draft") | (col(CaseRow.owner_id) == bindparam("owner")))
    .order_by(col(CaseRow.id).desc())
    .limit(_MOST)
)
