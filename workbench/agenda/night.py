"""Makes the lists of one hub and item at night: entries come, go, and come back; what follows elsewhere is proposed.

Reading holds no lock; each write is short. Running it again in the same night changes nothing, and what was begun
and not finished is begun again: a mark says that an item of a hub was done.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from ..api.manifest import ItemManifest
from ..cases.calendar import load_calendar
from ..catalogue.items import Item
from ..people.models import PersonRow
from ..store.bulk import bulk_insert
from ..store.clock import local
from ..store.context import Context
from ..store.ids import new_id
from .basis import basis_of
from .models import AgendaLookRow, AgendaRow
from .propose import SETTLE_DAYS
from .sift import Received, entitled, no_longer

#: The night's work begins then, by the wall clock of the hub.
BEGINS = time(1, 30)
BATCH = 1000
#: Administrative payment (行政给付): the kind of item that is looked for at night unless its file says otherwise.
PAYMENT = "05"
DIED = "居民已登记死亡，请核实后停发。", "The resident is registered as dead; look into it and stop the payment."
MOVED = (
    "居民已登记迁出，请核实后停发或转移。",
    "The resident has moved away; look into it, stop or hand over.",
)
FAILS = (
    "数据比对：已不符合该事项的条件，请核实后停发。",
    "By the data the conditions are no longer met; look into it.",
)
NOTES = {"dead": DIED, "moved": MOVED}


class Opens(Protocol):
    """Gives a context of the hub, for reading or in one write transaction."""

    def __call__(self) -> AbstractContextManager[Context]: ...


@dataclass(frozen=True, slots=True)
class Done:
    """What one item of one hub came to."""

    found: int = 0
    came: int = 0
    went: int = 0
    returned: int = 0
    proposed: int = 0


def night_of(now: datetime) -> date:
    """Give the day whose night's work is due."""
    moment = local(now)
    return moment.date() if moment.time() >= BEGINS else moment.date() - timedelta(days=1)


def is_sought(item: ItemManifest) -> bool:
    """Tell whether residents who may have it are looked for; who is on an automatic list need not apply."""
    if not (item.rules or item.exclusions) or item.automatic is not None:
        return False
    return item.item_type == PAYMENT if item.sought is None else item.sought


def has_work(item: ItemManifest) -> bool:
    """Tell whether there is anything to do for an item at night."""
    return is_sought(item) or item.ongoing


def done_items(session: Session, hub_id: str, night: date) -> set[str]:
    """Give the codes of a hub's items that were done for a night."""
    first = _mark(hub_id, "")
    looks = select(AgendaLookRow).where(col(AgendaLookRow.name).startswith(first, autoescape=True))
    return {look.name.removeprefix(first) for look in session.scalars(looks) if night_of(look.at) == night}


def do_night(reading: Opens, writing: Opens, item: Item) -> Done:
    """Do one item of one hub; safe twice, safe to break off anywhere."""
    done = Done()
    if is_sought(item.manifest):
        done = refresh(reading, writing, item)
    if item.manifest.ongoing:
        done = Done(done.found, done.came, done.went, done.returned, propose_stops(reading, writing, item))
    with writing() as ctx:
        ctx.session.merge(AgendaLookRow(name=_mark(ctx.hub.id, item.code), at=ctx.clock.now()))
    return done


def refresh(reading: Opens, writing: Opens, item: Item) -> Done:
    """Bring the list of those who are entitled and have not applied up to what is known now."""
    with reading() as ctx:
        day = ctx.clock.today()
        found = set(entitled(ctx, item, day))
        rows = ctx.session.execute(_entries(ctx.hub.id, item)).all()
    known = {row.person_id for row in rows}
    new = sorted(found - known)
    gone = [row.id for row in rows if row.state == "open" and row.person_id not in found]
    settled = [row.id for row in rows if row.state != "open" and row.person_id in found]
    came = sum(_add(writing, item, people, day) for people in _batches(new))
    went = sum(_remove(writing, ids) for ids in _batches(gone))
    returned = sum(_reopen(writing, item, ids, day) for ids in _batches(settled))
    return Done(len(found), came, went, returned)


def _entries(hub_id: str, item: Item) -> Any:
    columns = col(AgendaRow.id), col(AgendaRow.person_id), col(AgendaRow.state)
    query = select(*columns).where(col(AgendaRow.hub_id) == hub_id, col(AgendaRow.kind) == "entitled")
    return query.where(col(AgendaRow.item_code) == item.code)


def _add(writing: Opens, item: Item, people: Sequence[str], day: date) -> int:
    """Add entries; whom another process has added meanwhile stays as it is."""
    with writing() as ctx:
        marks = {f"entitled:{ctx.hub.id}:{person_id}:{item.code}": person_id for person_id in people}
        there = set(ctx.session.scalars(select(col(AgendaRow.mark)).where(col(AgendaRow.mark).in_(marks))))
        rows = [_entry(ctx, item, mark, person_id, day) for mark, person_id in marks.items() if mark not in there]
        bulk_insert(ctx.session, AgendaRow, rows)
    return len(rows)


def _entry(ctx: Context, item: Item, mark: str, person_id: str, day: date) -> dict[str, Any]:
    return {
        "id": new_id(),
        "mark": mark,
        "kind": "entitled",
        "hub_id": ctx.hub.id,
        "line_id": item.line_id,
        "person_id": person_id,
        "item_code": item.code,
        "due_on": day,
        "made_at": ctx.clock.now(),
    }


def _remove(writing: Opens, ids: Sequence[str]) -> int:
    with writing() as ctx:
        ctx.session.execute(delete(AgendaRow).where(col(AgendaRow.id).in_(ids), col(AgendaRow.state) == "open"))
    return len(ids)


def _reopen(writing: Opens, item: Item, ids: Sequence[str], day: date) -> int:
    """Show again who was declined when the facts have changed since, and who was taken up without an application."""
    with writing() as ctx:
        rows = ctx.session.scalars(select(AgendaRow).where(col(AgendaRow.id).in_(ids))).all()
        again = [row.id for row in rows if row.state == "taken" or not _is_the_same(ctx, item, row, day)]
        fresh = {"state": "open", "due_on": day, "made_case_id": "", "settled_at": None}
        ctx.session.execute(update(AgendaRow).where(col(AgendaRow.id).in_(again)).values(fresh))
    return len(again)


def _is_the_same(ctx: Context, item: Item, row: AgendaRow, day: date) -> bool:
    return basis_of(ctx, item, ctx.session.get_one(PersonRow, row.person_id), day) == row.basis


def propose_stops(reading: Opens, writing: Opens, item: Item) -> int:
    """Propose to stop what is granted and goes on where someone died, left, or certainly meets the rules no more.

    What waits already, or was settled on the same facts, is not proposed again.
    """
    with reading() as ctx:
        day = ctx.clock.today()
        found = no_longer(ctx, item, day)
    return sum(_propose(writing, item, some, day) for some in _batches(found))


def _propose(writing: Opens, item: Item, found: Sequence[Received], day: date) -> int:
    count = 0
    with writing() as ctx:
        due = load_calendar(ctx.session).add(day, SETTLE_DAYS)
        waits = _waits(ctx, item, [one.person_id for one in found])
        for one in found:
            person = ctx.session.get_one(PersonRow, one.person_id)
            basis = basis_of(ctx, item, person, day)
            mark = f"ended:{one.case_id}:{basis[:16]}"
            known = ctx.session.scalar(select(col(AgendaRow.id)).where(col(AgendaRow.mark) == mark))
            if one.person_id in waits or known:
                continue
            note = NOTES.get(one.standing, FAILS)
            entry = _entry(ctx, item, mark, one.person_id, due) | {
                "kind": "stop",
                "case_id": one.case_id,
                "basis": basis,
            }
            ctx.session.add(AgendaRow(**entry, note_zh=note[0], note_en=note[1]))
            count += 1
    return count


def _waits(ctx: Context, item: Item, people: Iterable[str]) -> set[str]:
    """Give the people for whom somebody has proposed already to stop this item."""
    query = select(col(AgendaRow.person_id)).where(col(AgendaRow.person_id).in_(list(people)))
    query = query.where(col(AgendaRow.item_code) == item.code, col(AgendaRow.kind) == "stop")
    return set(ctx.session.scalars(query.where(col(AgendaRow.state) == "open")))


def _mark(hub_id: str, item_code: str) -> str:
    return f"night:{hub_id}:{item_code}"


def _batches(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (found[start : start + BATCH] for start in range(0, len(found), BATCH))
