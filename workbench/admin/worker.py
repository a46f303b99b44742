"""Page of one worker: account and roles at every hub; roles of this hub are given and taken back here."""

from flask import Response, abort, request
from sqlmodel import select
from werkzeug.wrappers import Response as AnyResponse

from ..hubs.models import HubRow
from ..identity.temporary import end
from ..staff.grants import list_roles
from ..staff.workers import find_worker, may_change_account
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, bilingual
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, refused
from .role_form import give_asked, role_form_words

PAGE = f"{ROOT}/workers/<worker_id>"


@blueprint.get(PAGE)
@permit("staff")
def worker(hub: str, worker_id: str) -> Response:
    """Show a worker's account and roles."""
    return _one(worker_id, {}, {})


def _one(worker_id: str, typed: dict[str, str], errors: dict[str, str]) -> Response:
    ctx = reading()
    row = find_worker(ctx.session, worker_id) or abort(404)
    roles = list_roles(ctx.session, [row.id])
    hubs = {one.id: bilingual(one.name_zh, one.name_en) for one in ctx.session.exec(select(HubRow))}
    return admin_page(
        "worker.html",
        "workers",
        status=422 if errors else 200,
        account=row,
        roles=roles,
        hubs=hubs,
        now=ctx.clock.now(),
        may_change=may_change_account(ctx, row),
        typed=typed,
        errors=errors,
        **role_form_words(),
    )


@blueprint.post(f"{PAGE}/roles")
@permit("staff")
def give(hub: str, worker_id: str) -> AnyResponse | Response:
    """Give a worker a role at this hub."""
    try:
        with writing() as ctx:
            row = find_worker(ctx.session, worker_id) or abort(404)
            name = row.name
            give_asked(ctx, row.id)
    except Problem as problem:
        return _one(worker_id, request.form.to_dict(), {problem.field: refused(problem)})
    return go("worker", _("{name} has the role.", name=name), worker_id=worker_id)


@blueprint.post(f"{PAGE}/roles/<int:grant_id>/end")
@permit("staff")
def take(hub: str, worker_id: str, grant_id: int) -> AnyResponse:
    """Take a role back at once."""
    try:
        with writing() as ctx:
            end(ctx, grant_id)
    except Problem as problem:
        return go("worker", refused(problem), "error", worker_id=worker_id)
    return go("worker", _("The role was taken back. It counts from the next page they open."), worker_id=worker_id)
