"""Tells every line what happened to a household, after the commit; who could not be told is kept."""

from sqlmodel import col, select

from ..api.nouns import HouseholdEvent
from ..host.call import Answer, Caller
from ..host.discover import Installed
from ..store.context import Context
from .household_models import HouseholdChangeRow, HouseholdEventRow


def tell_household(ctx: Context, caller: Caller, installed: Installed, event_id: str) -> list[Answer]:
    """Call `household_changed` of every line that is ready, open here or not; gives what they answered."""
    row = ctx.session.get_one(HouseholdEventRow, event_id)
    query = select(HouseholdChangeRow.person_id).where(HouseholdChangeRow.event_id == row.id)
    people = tuple(ctx.session.exec(query.order_by(col(HouseholdChangeRow.id))))
    event = HouseholdEvent(row.id, row.kind, row.on_day, row.household_id, row.other_id, people, row.undoes_id)
    lines = [line for line in installed.ready_lines if line.manifest and line.manifest.hooks]
    return caller.call("household_changed", lines, hub=ctx.hub, event=event)


def note_untold_of(ctx: Context, event_id: str, line_ids: list[str]) -> None:
    """Keep which lines still have to be told."""
    row = ctx.session.get_one(HouseholdEventRow, event_id)
    row.untold = ",".join(line_ids)
    ctx.session.add(row)
