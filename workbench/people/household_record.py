"""Writes an event of a household down: who stood how before it and after it, so that it can be taken back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import col, select

from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .facts import lock_people
from .household_models import HouseholdChangeRow, HouseholdEventRow
from .households import HEAD, say_relation
from .models import HouseholdRow, MemberRow, PersonRow
from .take_over import take_over

Relations = Mapping[str, str]
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """What is written down with every event. The same `id` again finds the event that stands."""

    id: str = field(default_factory=new_id)
    on: date | None = None
    reason: str = ""
    proof: str = ""


def event_of(ctx: Context, deed: Deed) -> HouseholdEventRow | None:
    """Give the event a deed made already: a second click, a second tab."""
    found = ctx.session.get(HouseholdEventRow, deed.id)
    if found is not None and found.hub_id != ctx.hub.id:
        raise Problem("no_such_event", "没有这次变动。请刷新后重试。", "There is no such event. Reload and try again.")
    return found


def restate(ctx: Context, household_id: str, relations: Relations) -> None:
    """Write relations of members anew; raises Problem unless one head, and only one, is left."""
    for person_id, relation in relations.items():
        say_relation(ctx, household_id, person_id, relation)
    one_head(ctx, household_id)


def one_head(ctx: Context, household_id: str) -> None:
    """Refuse a household that has members and not exactly one head."""
    ctx.session.flush()
    relations = [member.relation for member in members_now(ctx, household_id)]
    if relations and relations.count(HEAD) != 1:
        zh, en = (
            "一户应有一位户主，且只有一位。请重新选择各成员与户主的关系。",
            "A household has one head and only one.",
        )
        raise Problem("one_head", zh, f"{en} Choose anew how each member stands to the head.", "relations")


def read_state(ctx: Context, person_id: str) -> State:
    """Say how a person stands: household, status, hub, and every membership."""
    person = ctx.session.get_one(PersonRow, person_id)
    rows = sorted(memberships_of(ctx, person_id), key=lambda row: row.household_id)
    return {
        "household_id": person.household_id,
        "status": person.status,
        "hub_id": person.hub_id,
        "members": [
            [row.household_id, row.relation, _day(row.since), _day(row.until), row.second_reason] for row in rows
        ],
    }


def put_state(ctx: Context, person_id: str, state: State) -> None:
    """Let a person stand as `read_state` said. What came to stand since is ended, never deleted."""
    person = ctx.session.get_one(PersonRow, person_id)
    known = {row.household_id: row for row in memberships_of(ctx, person_id)}
    wanted = {entry[0]: entry for entry in state["members"]}
    for household_id, row in known.items():
        if household_id not in wanted:
            ctx.session.delete(row)  # the event that made it keeps it
    for household_id, (_home, relation, since, until, why) in wanted.items():
        row = known.get(household_id) or MemberRow(household_id=household_id, person_id=person_id, relation=relation)
        row.relation, row.since, row.until, row.second_reason = relation, _read_day(since), _read_day(until), why
        ctx.session.add(row)
    person.household_id, person.status = state["household_id"], state["status"]
    if person.hub_id != state["hub_id"]:
        take_over(ctx, person_id, to_hub=state["hub_id"])
    ctx.session.add(person)
    ctx.session.flush()


def write_event(
    ctx: Context,
    kind: str,
    home: HouseholdRow,
    people: Iterable[str],
    deed: Deed,
    change: Callable[[], None],
    *,
    other_id: str | None = None,
    undoes_id: str = "",
) -> HouseholdEventRow:
    """Do a change and write down what it did to whom; raises Problem for a day to come."""
    today, ids = ctx.clock.today(), sorted(set(people))
    if deed.on is not None and deed.on > today:
        raise Problem("day_future", "日期不能晚于今天。", "The day cannot lie after today.", "on")
    homes = _lock_homes(ctx, {home.id, other_id or home.id})
    lock_people(ctx, ids)
    before = {person_id: read_state(ctx, person_id) for person_id in ids}
    addresses = {"before": {one.id: one.address for one in homes}}
    change()
    ctx.session.flush()
    addresses["after"] = {one.id: one.address for one in homes}
    event = HouseholdEventRow(
        id=deed.id, hub_id=ctx.hub.id, household_id=home.id, other_id=other_id, kind=kind, on_day=deed.on or today,
        reason=deed.reason.strip()[:200], proof=deed.proof.strip()[:200], recorded_at=ctx.clock.now(),
        recorded_by=ctx.actor.id, undoes_id=undoes_id, addresses=addresses,
    )  # fmt: skip
    ctx.session.add(event)
    ctx.session.flush()
    for person_id in ids:
        after = read_state(ctx, person_id)
        ctx.session.add(
            HouseholdChangeRow(event_id=event.id, person_id=person_id, before=before[person_id], after=after)
        )
        record(ctx, f"household.{kind}", person_id=person_id, subject=f"household:{home.id}", purpose=event.reason)
    ctx.session.flush()
    return event


def _lock_homes(ctx: Context, ids: Iterable[str]) -> list[HouseholdRow]:
    """Nobody else changes who belongs to these households until the transaction ends; always in the same order."""
    query = select(HouseholdRow).where(col(HouseholdRow.id).in_(sorted(ids))).order_by(col(HouseholdRow.id))
    return list(ctx.session.exec(query.with_for_update(key_share=True)))


def members_now(ctx: Context, household_id: str) -> list[MemberRow]:
    """Give the memberships of a household that stand."""
    query = select(MemberRow).where(MemberRow.household_id == household_id, col(MemberRow.until).is_(None))
    return list(ctx.session.exec(query))


def memberships_of(ctx: Context, person_id: str) -> list[MemberRow]:
    """Give every membership of a person, past ones too."""
    ctx.session.flush()
    return list(ctx.session.exec(select(MemberRow).where(MemberRow.person_id == person_id)))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
