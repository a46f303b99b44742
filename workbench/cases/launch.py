"""A department's own screen opened from a case, signed on; and the number found there, back at the case."""

from dataclasses import dataclass

from sqlmodel import col, select

from ..api.nouns import Hub, Worker
from ..delivery.decide import confirm_rekeyed, load
from ..delivery.models import DeliveryRow
from ..hubs.open_lines import find_hub
from ..identity.audit import record
from ..identity.launches import Matter, open_screen, openable
from ..identity.may import may
from ..identity.told import roles_at
from ..identity.way_out_models import ClientRow, LaunchRow
from ..people.models import PersonRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.problems import Problem
from .find import get_case
from .models import CaseRow
from .moves import note_event

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen learns of the matter it was opened for."""

    case_no: str
    item: str
    purpose: str
    name: str
    id_no: str


def screens_of(ctx: Context, case: CaseRow) -> list[ClientRow]:
    """List the screens that can be opened for a case: those of the platforms it is sent to."""
    return openable(ctx.session, [row.platform_id for row in _deliveries(ctx, case)])


def open_for(
    ctx: Context, case: CaseRow, client_id: str, *, purpose: str, sid: str, issuer: str
) -> tuple[LaunchRow, str]:
    """Open one of the case's screens; gives the address for the browser. Raises LookupError for any other screen."""
    client = next((one for one in screens_of(ctx, case) if one.id == client_id), None)
    if client is None:
        raise LookupError(client_id)
    mine = [row for row in _deliveries(ctx, case) if row.platform_id == client.platform_id]
    waits = [row for row in mine if row.state == "needs-people" and row.reason == "rekey"]
    delivery = (waits or mine)[0]
    return open_screen(ctx, client, Matter(case.id, case.person_id, purpose, delivery.id), sid, issuer)


def acting_for(ctx: Context, launch: LaunchRow) -> Context:
    """Give the context of the worker who opened a screen, with the roles they hold now."""
    row = ctx.session.get_one(WorkerRow, launch.worker_id)
    roles = frozenset(roles_at(ctx, row.id, launch.hub_id))
    worker = Worker(row.id, row.username, row.name, roles, row.is_system_admin)
    hub: Hub | None = find_hub(ctx.session, launch.hub_id)
    if hub is None:
        raise LookupError(launch.hub_id)
    return Context(ctx.session, worker, hub, ctx.clock, ctx.keys, ctx.files, ctx.origin)


def show_matter(ctx: Context, launch: LaunchRow) -> Shown:
    """Tell a screen for whom it was opened; who was shown there is written down. Raises LookupError."""
    case = _case(ctx, launch)
    person = ctx.session.get_one(PersonRow, case.person_id)
    subject = f"client:{launch.client_id}"
    record(ctx, "launch.read", person_id=case.person_id, subject=subject, purpose=launch.purpose)
    return Shown(case.case_no or "", case.title_zh, launch.purpose, person.name, person.id_no or "")


def take_number(ctx: Context, launch: LaunchRow, number: str) -> None:
    """Bring the number found at a screen back to its case. The same number twice is harmless. Raises Problem."""
    number = number.strip()
    if not number or len(number) > LONGEST or not number.isprintable():
        raise Problem("number_wrong", "编号缺失或过长。", "The number is missing or too long.", "number")
    if launch.number:
        if launch.number != number:
            raise Problem(
                "number_known", "该次打开已带回另一个编号。", "This opening brought another number back.", "number"
            )
        return
    case = _case(ctx, launch)
    launch.number, launch.number_at, launch.number_use = number, ctx.clock.now(), "noted"
    if launch.delivery_id:
        delivery = load(ctx, launch.delivery_id)
        if delivery.state == "needs-people" and delivery.reason == "rekey":
            confirm_rekeyed(ctx, delivery.id, number, number)
            launch.number_use = "taken"
            return
        note_event(ctx, case, "screen_number", reference=number, platform=delivery.platform_id)


def _case(ctx: Context, launch: LaunchRow) -> CaseRow:
    case = get_case(ctx, launch.case_id)
    if case is None or not may(ctx.actor, "rekey", case.line_id):
        raise LookupError(launch.case_id)
    return case


def _deliveries(ctx: Context, case: CaseRow) -> list[DeliveryRow]:
    query = select(DeliveryRow).where(DeliveryRow.case_id == case.id, DeliveryRow.hub_id == ctx.hub.id)
    return list(ctx.session.exec(query.order_by(col(DeliveryRow.id).desc())))
