"""Lists what is due: cases whose term has run out, and residents of whom nothing was done for as long.

Nothing is erased here. What is listed waits for a person; what is due no longer leaves the list by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from ..assigned.models import AssignedTaskRow
from ..cases.models import CaseRow
from ..cases.moves import CLOSED_STATES
from ..enquiries.models import EnquiryRow
from ..hall.models import AppointmentRow
from ..hubs.models import HubRow
from ..people.household_models import AuthorityRow, MeansConsentRow
from ..people.models import DocumentRow, FactRow, MemberRow, PersonRow
from ..reception.models import ReceptionRow
from ..store.clock import local
from ..store.ids import new_id
from .models import ErasureRow
from .terms import Term, Terms, begun_before

BATCH = 500


@dataclass
class Place:
    """How far a walk over many rows has come."""

    at: datetime | None = None
    id: str = ""
    is_over: bool = False


def list_cases(session: Session, terms: Terms, now: datetime, place: Place) -> int:
    """List the next cases that are due; gives how many. Call it until the place is over."""
    rows = _ended(session, begun_before(now, terms.shortest), place)
    divisions = {hub.id: hub.division for hub in session.scalars(select(HubRow))}
    today, made = local(now).date(), 0
    for row in rows:
        term = terms.case(session, row, divisions, today)
        if not term.permanent and term.ends(row.concluded_at) <= today:
            session.add(_case(row, term, now))
            made += 1
    place.is_over = len(rows) < BATCH
    if rows:
        place.at, place.id = rows[-1].concluded_at, rows[-1].id
    return made


def _ended(session: Session, before: datetime, place: Place) -> Sequence[Any]:
    """Give cases that ended before a time and are neither erased nor listed, by time."""
    c = CaseRow
    names = ("id", "hub_id", "person_id", "item_code", "item_digest", "case_no", "concluded_at")
    listed = exists().where(col(ErasureRow.mark) == "case:" + col(c.id))
    query = (
        select(*(col(getattr(c, name)) for name in names))
        .where(col(c.concluded_at) <= before, col(c.erased_at).is_(None), ~listed)
        .order_by(col(c.concluded_at), col(c.id))
        .limit(BATCH)
    )
    return session.execute(_from(query, place, col(c.concluded_at), col(c.id))).all()


def _from(query: Any, place: Place, at: Any, key: Any) -> Any:
    """Go on behind a place; its time stands alone, too, so that an index begins there and not at the first row."""
    if place.at is None:
        return query
    return query.where(at >= place.at, or_(at > place.at, key > place.id))


def _case(row: Any, term: Term, now: datetime) -> ErasureRow:
    return ErasureRow(
        id=new_id(), mark=f"case:{row.id}", kind="case", hub_id=row.hub_id, person_id=row.person_id, case_id=row.id,
        case_no=row.case_no or "", item_code=row.item_code, years=term.years, said=term.said, basis=term.basis,
        due_on=term.ends(row.concluded_at), found_at=now,
    )  # fmt: skip


def list_people(session: Session, terms: Terms, now: datetime, hub_id: str, place: Place) -> int:
    """List the next residents of a hub whose file is due; gives how many. Call it until the place is over."""
    p, term = PersonRow, terms.person()
    before = begun_before(now, term.years)
    query = select(col(p.id), col(p.hub_id), col(p.created_at)).where(
        col(p.hub_id) == hub_id, col(p.created_at) <= before
    )
    query = _from(query, place, col(p.created_at), col(p.id)).order_by(col(p.created_at), col(p.id))
    rows = session.execute(query.limit(BATCH)).all()
    place.is_over = len(rows) < BATCH
    if rows:
        place.at, place.id = rows[-1].created_at, rows[-1].id
    idle = set(session.scalars(select(col(p.id)).where(col(p.id).in_([row.id for row in rows]), is_idle(before))))
    listed = _listed(session, idle)
    made, today = 0, local(now).date()
    for row in rows:
        if row.id in idle - listed and (due := term.ends(last_touched(session, row.id, row.created_at))) <= today:
            session.add(_person(row, term, due, now))
            made += 1
    return made


def _listed(session: Session, people: set[str]) -> set[str]:
    marks = [f"person:{one}" for one in people]
    return set(session.scalars(select(col(ErasureRow.person_id)).where(col(ErasureRow.mark).in_(marks))))


def _person(row: Any, term: Term, due: Any, now: datetime) -> ErasureRow:
    return ErasureRow(
        id=new_id(), mark=f"person:{row.id}", kind="person", hub_id=row.hub_id, person_id=row.id, years=term.years,
        said=term.said, basis=term.basis, due_on=due, found_at=now,
    )  # fmt: skip


def is_idle(before: datetime) -> ColumnElement[bool]:
    """Filter by residents with no case left, of whom nothing was done since, and who stand in nobody's live case."""
    p = PersonRow
    mate, mine = aliased(MemberRow), aliased(MemberRow)
    kept = exists().where(col(CaseRow.person_id) == col(p.id), col(CaseRow.erased_at).is_(None), _stood())
    of_home = exists().where(
        col(mine.person_id) == col(p.id),
        col(mine.until).is_(None),
        col(mate.household_id) == col(mine.household_id),
        col(mate.until).is_(None),
        col(CaseRow.person_id) == col(mate.person_id),
        col(CaseRow.erased_at).is_(None),
        _stood(),
    )
    return and_(
        col(p.erased_at).is_(None),
        col(p.status) != "merged",
        ~kept,
        ~of_home,
        *(~exists().where(column == col(p.id), at > before) for column, at in _traces()),
        ~exists().where(col(AuthorityRow.person_id) == col(p.id), col(AuthorityRow.until_day) >= before.date()),
        ~exists().where(col(MeansConsentRow.person_id) == col(p.id), col(MeansConsentRow.until_day) >= before.date()),
    )


def _stood() -> ColumnElement[bool]:
    """A form that was given up holds nothing."""
    return ~and_(col(CaseRow.state) == "voided", col(CaseRow.case_no).is_(None))


def _traces() -> Iterator[tuple[Any, Any]]:
    """Give where it stands that something was done about a resident, and when."""
    yield col(FactRow.person_id), col(FactRow.recorded_at)
    yield col(DocumentRow.person_id), col(DocumentRow.recorded_at)
    yield col(ReceptionRow.person_id), col(ReceptionRow.started_at)
    yield col(AppointmentRow.person_id), col(AppointmentRow.at)
    yield col(EnquiryRow.person_id), col(EnquiryRow.made_at)
    yield col(AssignedTaskRow.person_id), col(AssignedTaskRow.received_at)


def last_touched(session: Session, person_id: str, since: datetime) -> datetime:
    """Give when something was last done about a resident."""
    times = [session.scalar(select(func.max(at)).where(column == person_id)) for column, at in _traces()]
    times.append(session.scalar(select(func.max(col(CaseRow.concluded_at))).where(col(CaseRow.person_id) == person_id)))
    known: list[datetime] = [since, *(one for one in times if one is not None)]
    return max(known)


def sweep_stale(session: Session, terms: Terms, now: datetime, place: Place) -> int:
    """Take from the list what is due no more: a case taken up again, a longer term, a resident who came back.

    Gives how many of the next part went. Call it until the place is over.
    """
    query = select(ErasureRow).where(col(ErasureRow.state) == "due", col(ErasureRow.id) > place.id)
    rows = session.scalars(query.order_by(col(ErasureRow.id)).limit(BATCH)).all()
    place.is_over = len(rows) < BATCH
    gone = [row for row in rows if not due_now(session, terms, row, now)]
    if rows:
        place.id = rows[-1].id
    for row in gone:
        session.delete(row)
    return len(gone)


def due_now(session: Session, terms: Terms, row: ErasureRow, now: datetime) -> bool:
    """Tell whether something on the list is still due, by the rules as they are now."""
    today = local(now).date()
    if row.kind == "person":
        idle = select(col(PersonRow.id)).where(
            col(PersonRow.id) == row.person_id, is_idle(begun_before(now, terms.person().years))
        )
        person = session.get_one(PersonRow, row.person_id)
        touched = last_touched(session, person.id, person.created_at)
        return session.scalar(idle) is not None and terms.person().ends(touched) <= today
    case = session.get_one(CaseRow, row.case_id)
    if case.concluded_at is None or case.state not in CLOSED_STATES:
        return False
    hub = session.get_one(HubRow, case.hub_id)
    term = terms.case(session, case, {hub.id: hub.division}, today)
    return not term.permanent and term.ends(case.concluded_at) <= today
