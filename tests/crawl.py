"""Every route of the running application with an address to open it at; shared by tests that leave none out."""

from typing import Any

from screens import World
from sqlmodel import select
from werkzeug.routing import Rule

import workbench.app
from workbench.cases.models import CaseRow
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow
from workbench.people.models import PersonRow
from workbench.reception.draft import begin
from workbench.retention.holds import hold
from workbench.retention.models import ErasureRow
from workbench.staff.models import WorkerRow
from workbench.store.context import Context
from workbench.store.ids import new_id
from workbench.web.permit import permission_of

ROOMS = tuple(room for room in workbench.app.ROOMS if room != "identity")
LINES = ("civil_affairs", "social_security", "family_planning", "disability_federation")
#: What a path may name that is nobody's data.
OTHER = {
    "line_id": "civil_affairs", "platform_id": "civil_affairs.case_gateway", "code": "MZ-015", "key": "name",
    "name": "name", "verb": "send", "filename": "css/tokens.css", "locale": "en",
}  # fmt: skip


def routes(world: World) -> list[tuple[Rule, str]]:
    return [(rule, permission_of(world.app, rule.endpoint)) for rule in world.app.url_map.iter_rules()]


def address(world: World, rule: Rule, places: dict[str, Any], case: str = "case_id", **changed: Any) -> str:
    """Write a rule's address over what there is; ids of what was not seeded are nobody's."""
    known = {**OTHER, **places, "case_id": places[case], **changed}
    missing = {name: 1 if one.regex == r"\d+" else "nothing" for name, one in rule._converters.items()}
    values = {name: known.get(name, missing[name]) for name in rule.arguments}
    if any(name == "verb" for name in rule.arguments):
        values["verb"] = rule._converters["verb"].regex.strip("(?:)").split("|")[0]
    return str(world.app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False))


def places_around(world: World, ctx: Context, case: CaseRow) -> dict[str, Any]:
    """What the paths of one hub name: a case with its resident, an open form of theirs, a delivery, a worker."""
    item = catalogue(world.installed).find("MZ-015", ctx.hub.division, ctx.clock.today())
    draft = begin(ctx, item, ctx.session.get_one(PersonRow, case.person_id))
    delivery = ctx.session.exec(select(DeliveryRow.id).where(DeliveryRow.case_id == case.id)).first()
    worker = ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == "reviewer1")).one()
    erasure = make_due(ctx, case)
    return {
        "hub": "wutong", "person_id": case.person_id, "case_id": case.id, "draft_id": draft.id,
        "case_no": case.case_no, "delivery_id": delivery, "worker_id": worker, "sitting_id": draft.reception_id,
        "other_id": case.person_id, "erasure_id": erasure, "hold_id": hold(ctx, case, "诉讼中").id,
    }  # fmt: skip


def make_due(ctx: Context, case: CaseRow) -> str:
    """Put a case on the list of what is due for erasure, as the job would after many years."""
    row = ErasureRow(
        id=new_id(), mark=f"case:{case.id}", kind="case", hub_id=case.hub_id, person_id=case.person_id,
        case_id=case.id, case_no=case.case_no or "", years=10, said="usual", due_on=ctx.clock.today(),
        found_at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row.id
