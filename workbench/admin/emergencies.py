"""Page of the looks in an emergency at this hub's residents and cases: take notice, or end one at once."""

from dataclasses import dataclass

from flask import Response, g
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..hubs.models import HubRow
from ..identity import emergency
from ..identity.audit import record
from ..identity.emergency_models import EmergencyRow
from ..staff.models import WorkerRow
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, bilingual
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, refused

MOST = 100


@dataclass(frozen=True, slots=True)
class Told:
    """One emergency with the names of who looked and from where."""

    row: EmergencyRow
    who: str
    hub: str
    is_open: bool


@blueprint.get(f"{ROOT}/emergencies")
@permit("audit")
def emergencies(hub: str) -> Response:
    """List who was let see residents and cases of this hub beyond their rights, the unseen first."""
    ctx, e = reading(), EmergencyRow
    query = (
        select(e, WorkerRow.name, HubRow.name_zh, HubRow.name_en)
        .join(WorkerRow, col(WorkerRow.id) == col(e.worker_id))
        .join(HubRow, col(HubRow.id) == col(e.from_hub_id))
        .where(e.hub_id == g.hub.id)
        .order_by(col(e.seen_at).is_(None).desc(), col(e.begun_at).desc(), col(e.id).desc())
        .limit(MOST)
    )
    now = ctx.clock.now()
    told = [Told(row, who, bilingual(zh, en), row.ends_at > now) for row, who, zh, en in ctx.session.exec(query)]
    drawn = admin_page("emergencies.html", "emergencies", told=told)
    with writing() as trail:
        record(trail, "trail.read", subject="emergencies")
    return drawn


@blueprint.post(f"{ROOT}/emergencies/<emergency_id>/seen")
@permit("audit")
def notice_emergency(hub: str, emergency_id: str) -> AnyResponse:
    """Take notice of one."""
    try:
        with writing() as ctx:
            emergency.take_notice(ctx, emergency_id)
    except Problem as problem:
        return go("emergencies", refused(problem), "error")
    return go("emergencies", _("Noted that you have seen it."))


@blueprint.post(f"{ROOT}/emergencies/<emergency_id>/end")
@permit("audit")
def end_emergency(hub: str, emergency_id: str) -> AnyResponse:
    """End one at once."""
    try:
        with writing() as ctx:
            emergency.end_emergency(ctx, emergency_id)
    except Problem as problem:
        return go("emergencies", refused(problem), "error")
    return go("emergencies", _("It is ended. It counts from the next page they open."))
