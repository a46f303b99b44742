"""The desk sign (电子岗位牌): who answers for each line now, who covers, who is on shift. No data of residents."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..staff.cover_models import AbsenceRow, CoverRow
from ..staff.models import PostRow
from ..staff.workers import name_workers
from ..store.clock import local
from .models import RosterMonthRow, ShiftRow
from .shifts import shift_at


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the sign."""

    line_id: str
    a: str
    b: str
    now: str  # who holds the line now: A, or whoever covers; "" = nobody
    is_covered: bool
    is_at_desk: bool  # by the roster; True where there is none
    until: datetime | None  # when A is back


def read_sign(session: Session, hub_id: str, line_ids: list[str], now: datetime) -> tuple[list[Sign], list[str]]:
    """Read the sign of a hub, and who is on shift now by the published roster. Five queries."""
    posts = {row.line_id: row for row in session.exec(select(PostRow).where(PostRow.hub_id == hub_id))}
    running = (col(CoverRow.starts_at) <= now, col(CoverRow.ends_at) > now)
    covers = session.exec(select(CoverRow).where(CoverRow.hub_id == hub_id, *running)).all()
    away = (col(AbsenceRow.starts_at) <= now, col(AbsenceRow.ends_at) > now)
    back = {row.worker_id: row.ends_at for row in session.exec(
        select(AbsenceRow).where(AbsenceRow.hub_id == hub_id, *away)
    )}  # fmt: skip
    on_shift = on_shift_now(session, hub_id, now)
    held = {(one.from_id, one.line_id): one.to_id for one in covers}
    everybody = {one for row in posts.values() for one in (row.a_worker_id, row.b_worker_id or "")}
    names = name_workers(session, everybody | set(held.values()) | set(on_shift or ()))
    signs = []
    for line_id in line_ids:
        row = posts.get(line_id)
        if row is None:
            signs.append(Sign(line_id, "", "", "", False, False, None))
            continue
        a, b = row.a_worker_id, row.b_worker_id or ""
        holder = held.get((a, line_id), a)
        if on_shift is not None and holder == a and a not in on_shift and b in on_shift:
            holder = b  # off shift, not away: B answers at the desk, the work stays with A
        is_at_desk = on_shift is None or holder in on_shift
        signs.append(
            Sign(
                line_id, names.get(a, ""), names.get(b, ""), names.get(holder, ""), holder != a, is_at_desk, back.get(a)
            )
        )
    return signs, sorted(names[one] for one in on_shift or () if one in names)


def on_shift_now(session: Session, hub_id: str, now: datetime) -> set[str] | None:
    """Give who is on shift now; None where no roster is published for the month."""
    here = local(now)
    month = session.get(RosterMonthRow, (hub_id, here.date().replace(day=1)))
    if month is None or month.published_at is None:
        return None
    kinds = shift_at(session, hub_id, here.time())
    query = select(ShiftRow.worker_id).where(ShiftRow.hub_id == hub_id, ShiftRow.day == here.date())
    return set(session.exec(query.where(col(ShiftRow.kind).in_(kinds))))
