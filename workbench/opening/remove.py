"""Takes a line away from every hub: nothing of it goes on; its cases, trail and admissions stay as a record."""

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from ..delivery.health import OPEN
from ..delivery.models import DeliveryRow
from ..host.discover import Installed
from ..hubs.models import AdmissionRow, HubSettingRow, LineVersionRow, OpenLineRow
from ..hubs.open_lines import find_hub
from ..identity.audit import record
from ..staff.models import GrantRow, PostRow
from ..store.context import Context
from .models import LineFaultRow, LineTrialRow, RehearsalRow, RehearsalStepRow


def count_under_way(session: Session, installed: Installed, line_id: str) -> int:
    """Count the parcels for platforms of a line that their departments do not have yet."""
    platforms = [one.id for one in installed.platforms if one.manifest and one.manifest.line == line_id]
    query = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.platform_id).in_(platforms))
    return session.exec(query.where(col(DeliveryRow.state).in_((*OPEN, "sent")))).one()


def forget_line(ctx: Context, line_id: str) -> None:
    """Take away a closed line's place, settings, posts, own roles, rehearsals and faults; twice is harmless."""
    session = ctx.session
    for hub_id in session.exec(select(OpenLineRow.hub_id).where(OpenLineRow.line_id == line_id)).all():
        if hub := find_hub(session, hub_id):
            record(ctx.at(hub), "line.remove", subject=f"line:{line_id}")
    rehearsals = select(RehearsalRow.id).where(RehearsalRow.line_id == line_id)
    for gone in (
        delete(RehearsalStepRow).where(col(RehearsalStepRow.rehearsal_id).in_(rehearsals)),
        delete(RehearsalRow).where(col(RehearsalRow.line_id) == line_id),
        delete(HubSettingRow).where(col(HubSettingRow.owner) == f"line:{line_id}"),
        delete(LineFaultRow).where(col(LineFaultRow.line_id) == line_id),
        delete(PostRow).where(col(PostRow.line_id) == line_id),
        delete(GrantRow).where(col(GrantRow.line_id) == line_id),
        delete(LineTrialRow).where(col(LineTrialRow.line_id) == line_id),
        delete(LineVersionRow).where(col(LineVersionRow.line_id) == line_id),
        delete(OpenLineRow).where(col(OpenLineRow.line_id) == line_id),
    ):
        session.execute(gone)
    admissions = select(AdmissionRow).where(AdmissionRow.line_id == line_id, col(AdmissionRow.ended_at).is_(None))
    for row in session.exec(admissions):
        row.ended_at, row.ended_by, row.ended_why = ctx.clock.now(), ctx.actor.id, "line removed"
        session.add(row)
