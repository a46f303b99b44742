"""`workbench deliveries`: what goes to departments and where it stands. No resident's data is shown."""

import click
from sqlmodel import col, select

from ..delivery.models import STATES, DeliveryRow
from .installation import open_installation
from .listing import as_json_option, print_rows

D = DeliveryRow
FIELDS = {
    "key": D.id,
    "case_no": D.case_no,
    "hub": D.hub_id,
    "item": D.item_code,
    "platform": D.platform_id,
    "operation": D.operation,
    "state": D.state,
    "reason": D.reason,
    "reason_text": D.reason_text,
    "attempts": D.attempts,
    "in_doubt": D.in_doubt,
    "reference": D.reference,
    "created_at": D.created_at,
    "due_at": D.due_at,
    "sent_at": D.sent_at,
    "accepted_at": D.accepted_at,
    "done_at": D.done_at,
}
COLUMNS = ("case_no", "item", "platform", "operation", "state", "reason", "attempts", "reference", "created_at")


@click.command("deliveries")
@click.option("--state", type=click.Choice(STATES))
@click.option("--platform", metavar="PLATFORM")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1), help="The newest so many.")
@as_json_option
def command(state: str | None, platform: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, the newest first."""
    query = select(*FIELDS.values()).order_by(col(D.created_at).desc(), col(D.id).desc()).limit(limit)  # type: ignore[call-overload]
    if state:
        query = query.where(D.state == state)
    if platform:
        query = query.where(D.platform_id == platform)
    with open_installation() as home, home.store.read() as session:
        rows = [dict(zip(FIELDS, row, strict=True)) for row in session.exec(query)]
    print_rows(rows, COLUMNS, as_json=as_json, nothing="No delivery.")
