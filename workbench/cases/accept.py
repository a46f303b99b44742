"""Turns complete forms into accepted cases: numbers, frozen forms and items, steps, timeline, evidence, parcels.

What a form must be to be complete is the reception's affair; what an accepted case is, is told here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import col

from ..catalogue.freeze import freeze_items
from ..catalogue.items import Item
from ..delivery.enqueue import Outgoing, enqueue, store_payloads
from ..host.discover import Installed
from ..store.context import Context
from ..store.rows import add, prepare, run_each
from .advance import settle_step
from .anywhere import at_home, homes_of, send_home
from .calendar import Calendar, load_calendar
from .clock import due_on
from .models import CaseRow, StepRow
from .moves import Event, load_moves, note_events, refuse_unless_allowed
from .numbers import next_case_nos
from .send import accepted_case, outgoing
from .steps import accepting_position, lay_steps


@dataclass(frozen=True, slots=True)
class Complete:
    """One form that lacks nothing; `content` is what travels, `materials` how many stand how."""

    case_id: str
    person_id: str
    item: Item
    content: Mapping[str, Any]
    materials: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted case; `is_new` is False when it had been accepted before."""

    case_id: str
    case_no: str
    line_id: str
    person_id: str
    due_on: date | None
    is_new: bool = True


_FIXED = (
    "case_no", "item_version", "item_digest", "title_zh", "title_en", "step", "step_by", "step_line", "home_hub_id",
    "payload_id", "due_on",
)  # fmt: skip
_ACCEPT = prepare(
    update(CaseRow)
    .where(col(CaseRow.id) == bindparam("case_id"))
    .values({name: bindparam(f"new_{name}") for name in _FIXED})
    .values(state=load_moves()["accept"].to, version=col(CaseRow.version) + 1)
    .values(accepted_at=bindparam("now"), updated_at=bindparam("now"))
)


def make_cases(ctx: Context, installed: Installed, forms: Sequence[Complete]) -> list[Accepted]:
    """Make accepted cases of complete forms, all or none, in the caller's transaction; raises Problem.

    The caller has locked the drafts. The number of statements is the same for one form and for many.
    """
    for form in forms:
        refuse_unless_allowed(ctx, "accept", form.item.line_id)
    freeze_items(ctx, [form.item for form in forms])
    calendar = load_calendar(ctx.session)
    numbers = next_case_nos(ctx, ctx.clock.today(), len(forms))
    payloads = store_payloads(ctx, [form.content for form in forms])
    steps = [lay_steps(ctx, form.case_id, form.item.manifest, calendar) for form in forms]
    homes = homes_of(ctx, forms)
    cases = [_case(ctx, form, calendar, steps[at]) for at, form in enumerate(forms)]
    for form, case in zip(forms, cases, strict=True):
        case["new_home_hub_id"] = homes[form.case_id].id if form.case_id in homes else ""
    for case, number, payload in zip(cases, numbers, payloads, strict=True):
        case |= {"new_case_no": number, "new_payload_id": payload}
    run_each(ctx.session, _ACCEPT, cases)
    note_events(ctx, "accept", [_event(form) for form in forms])
    add(ctx.session, StepRow, [row for several in steps for row in several])
    pairs = zip(forms, cases, strict=True)
    enqueue(
        ctx,
        [
            parcel
            for form, case in pairs
            for parcel in _parcels(at_home(ctx, homes.get(form.case_id)), installed, form, case)
        ],
    )
    send_home(ctx, homes)
    _settle(ctx, forms)
    return [_accepted(form, case) for form, case in zip(forms, cases, strict=True)]


def _settle(ctx: Context, forms: Sequence[Complete]) -> None:
    """Stop the clock of what begins with somebody else's assessment; hardly any item does."""
    for form in forms:
        if any(step.pauses for step in form.item.manifest.steps):
            case = ctx.session.get_one(CaseRow, form.case_id)
            ctx.session.refresh(case)
            settle_step(ctx, case, form.item.manifest)
    ctx.session.flush()


def _case(ctx: Context, form: Complete, calendar: Calendar, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give what becomes fixed in a case's row, but its number and its frozen form."""
    manifest = form.item.manifest
    following: Mapping[str, Any] = next((step for step in steps if step["state"] == "open"), {})
    return {
        "case_id": form.case_id,
        "now": ctx.clock.now(),
        "new_item_version": manifest.version,
        "new_item_digest": form.item.digest,
        "new_title_zh": manifest.title_zh,
        "new_title_en": manifest.title_en,
        "new_step": following.get("key", ""),
        "new_step_by": following.get("by", ""),
        "new_step_line": manifest.steps[following["position"]].line if following else "",
        "new_due_on": due_on(manifest, ctx.clock.today(), calendar),
    }


def _event(form: Complete) -> Event:
    return Event(form.case_id, form.person_id, {"before": "draft", "materials": form.materials})


def _parcels(ctx: Context, installed: Installed, form: Complete, case: Mapping[str, Any]) -> list[Outgoing]:
    """Give the parcels of the accepting step."""
    manifest = form.item.manifest
    about = accepted_case(ctx, form.case_id, case["new_case_no"], form.person_id, manifest)
    deliveries = manifest.steps[accepting_position(manifest)].deliveries
    return outgoing(installed, about, case["new_payload_id"], deliveries)


def _accepted(form: Complete, case: Mapping[str, Any]) -> Accepted:
    return Accepted(form.case_id, case["new_case_no"], form.item.line_id, form.person_id, case["new_due_on"])
