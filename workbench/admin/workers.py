"""Pages of the people who work here: the list of this hub, and adding somebody with a first role."""

from dataclasses import dataclass
from typing import Any

from flask import Response, g, request
from sqlmodel import select
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..identity.passwords import hash_password
from ..staff.grants import RoleHeld, list_roles, list_workers
from ..staff.models import WorkerRow
from ..staff.workers import add_worker, new_password
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, refused
from .role_form import give_asked, role_form_words


@dataclass(frozen=True, slots=True)
class Listed:
    """One worker of the list, with the roles held at this hub now or from a later day."""

    worker: WorkerRow
    roles: tuple[RoleHeld, ...]


@blueprint.get(f"{ROOT}/workers")
@permit("staff")
def workers(hub: str) -> Response:
    """List the workers of this hub. Two queries, however many they are."""
    return _list({})


@blueprint.post(f"{ROOT}/workers/find")
@permit("staff")
def find(hub: str) -> AnyResponse | Response:
    """Find a worker of another hub by username, to give a role here."""
    username = request.form.get("username", "").strip().lower()
    query = select(WorkerRow.id).where(WorkerRow.username == username)
    found = reading().session.exec(query).first()
    if found is None:
        return _list({"username": _("Nobody has this username. Check it, or add the worker.")}, username)
    return go("worker", worker_id=found)


def _list(errors: dict[str, str], username: str = "") -> Response:
    ctx = reading()
    rows = list_workers(ctx.session, g.hub.id, with_all_admins=g.worker.is_system_admin)
    now = ctx.clock.now()
    held = [r for r in list_roles(ctx.session, [row.id for row in rows]) if r.hub_id == g.hub.id and not r.is_over(now)]
    listed = [Listed(row, tuple(role for role in held if role.worker_id == row.id)) for row in rows]
    status = 422 if errors else 200
    return admin_page(
        "workers.html",
        "workers",
        status=status,
        listed=listed,
        errors=errors,
        username=username,
        now=now,
        **role_form_words(),
    )


@blueprint.get(f"{ROOT}/workers/new")
@permit("staff")
def new_worker(hub: str) -> Response:
    """Ask for a new worker's name, username and first role."""
    return admin_page("new_worker.html", "workers", typed={"role": "worker"}, errors={}, **role_form_words())


@blueprint.post(f"{ROOT}/workers/new")
@permit("staff")
def add(hub: str) -> Response:
    """Add a worker and show the initial password, this once."""
    password = new_password()
    kept = hash_password(password)
    try:
        with writing() as ctx:
            row = add_worker(ctx, request.form.get("username", ""), request.form.get("name", ""), kept)
            record(ctx, "worker.add", subject=f"worker:{row.id}")
            give_asked(ctx, row.id)
            shown: dict[str, Any] = {"worker_id": row.id, "username": row.username, "name": row.name}
    except Problem as problem:
        errors = {problem.field: refused(problem)}
        return admin_page(
            "new_worker.html", "workers", status=422, typed=request.form.to_dict(), errors=errors, **role_form_words()
        )
    return admin_page("password.html", "workers", password=password, is_new=True, **shown)
