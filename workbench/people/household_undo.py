"""Takes an event of a household back by a further event: everybody stands as before it."""

from collections.abc import Iterable

from sqlmodel import select

from ..store.context import Context
from ..store.problems import Problem
from .address_keys import write_address_keys
from .household_models import HouseholdChangeRow, HouseholdEventRow
from .household_record import Deed, event_of, put_state, read_state, write_event
from .households import get_household
from .models import HouseholdRow


def undo(ctx: Context, event_id: str, deed: Deed) -> HouseholdEventRow:
    """Take an event back by a further one, with a reason; everybody stands as before it.

    Raises Problem when a later event touched the same people or household: that one is taken back first.
    """
    if done := event_of(ctx, deed):
        return done
    event = ctx.session.get(HouseholdEventRow, event_id, with_for_update=True)
    if event is None or event.hub_id != ctx.hub.id or event.kind == "undo":
        raise Problem("no_such_event", "没有这次变动。请刷新后重试。", "There is no such event. Reload and try again.")
    if taken_back := undoing(ctx, event.id):
        return taken_back
    if len(deed.reason.strip()) < 2:
        raise Problem("reason_missing", "请写明撤销的理由。", "Say why it is taken back.", "reason")
    changes = list(ctx.session.exec(select(HouseholdChangeRow).where(HouseholdChangeRow.event_id == event.id)))
    homes = {event.household_id, *((event.addresses or {}).get("after", {}))}
    home = get_household(ctx, event.household_id)

    def change() -> None:
        _refuse_if_changed_since(ctx, event, changes)
        for one in changes:
            put_state(ctx, one.person_id, one.before)
        for household_id in homes:
            row = ctx.session.get_one(HouseholdRow, household_id)
            row.address = (event.addresses or {}).get("before", {}).get(household_id, row.address)
            write_address_keys(ctx, row)

    people = [one.person_id for one in changes]
    return write_event(ctx, "undo", home, people, deed, change, other_id=event.other_id, undoes_id=event.id)


def _refuse_if_changed_since(ctx: Context, event: HouseholdEventRow, changes: Iterable[HouseholdChangeRow]) -> None:
    addresses = (event.addresses or {}).get("after", {})
    moved = any(ctx.session.get_one(HouseholdRow, home).address != address for home, address in addresses.items())
    if moved or any(read_state(ctx, one.person_id) != one.after for one in changes):
        zh = "此后这些人或这一户又有变动。请先撤销后来的变动。"
        en = "These people or this household changed again since. Take the later event back first."
        raise Problem("changed_since", zh, en, "reason")


def undoing(ctx: Context, event_id: str) -> HouseholdEventRow | None:
    """Give the event that took another one back."""
    return ctx.session.exec(select(HouseholdEventRow).where(HouseholdEventRow.undoes_id == event_id)).first()
