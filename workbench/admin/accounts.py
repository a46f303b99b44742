"""Pages that change an account: a new password shown once, close and open it, the right of a system admin."""

from typing import Any

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from ..identity import sessions
from ..identity.audit import record
from ..identity.passkeys import forget_passkeys
from ..identity.passwords import hash_password
from ..identity.phone_code import remove_code
from ..staff import workers as accounts
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _
from ..web.permit import permit
from .frame import admin_page, blueprint, go, refused
from .worker import PAGE


@blueprint.get(f"{PAGE}/password")
@permit("staff")
def ask_password(hub: str, worker_id: str) -> Response:
    """Ask before a password is replaced."""
    row = accounts.find_worker(reading().session, worker_id) or abort(404)
    return admin_page("ask_worker.html", "workers", account=row, what="password")


@blueprint.post(f"{PAGE}/password")
@permit("staff")
def reset_password(hub: str, worker_id: str) -> AnyResponse | Response:
    """Replace a password, sign the worker out everywhere, and show the new one, this once."""
    password = accounts.new_password()
    kept = hash_password(password)
    try:
        with writing() as ctx:
            row = accounts.set_password(ctx, worker_id, kept)
            remove_code(ctx.session, row.id)  # the phone may be lost with the password, and the key
            forget_passkeys(ctx.session, row.id)
            sessions.end_all(ctx.session, row.id, ctx.clock.now(), "password reset")
            record(ctx, "worker.password", subject=f"worker:{row.id}")
            shown: dict[str, Any] = {"worker_id": row.id, "username": row.username, "name": row.name}
    except Problem as problem:
        return go("workers", refused(problem), "error")
    return admin_page("password.html", "workers", password=password, is_new=False, **shown)


@blueprint.get(f"{PAGE}/deactivate")
@permit("staff")
def ask_deactivate(hub: str, worker_id: str) -> Response:
    """Say what stops, and ask."""
    row = accounts.find_worker(reading().session, worker_id) or abort(404)
    return admin_page("ask_worker.html", "workers", account=row, what="deactivate")


@blueprint.post(f"{PAGE}/deactivate")
@permit("staff")
def deactivate(hub: str, worker_id: str) -> AnyResponse:
    """Close an account and sign the worker out everywhere."""
    try:
        with writing() as ctx:
            row = accounts.deactivate_worker(ctx, worker_id)
            sessions.end_all(ctx.session, row.id, ctx.clock.now(), "deactivated")
            record(ctx, "worker.deactivate", subject=f"worker:{row.id}")
    except Problem as problem:
        return go("workers", refused(problem), "error")
    return go("worker", _("The account is closed and signed out everywhere."), worker_id=worker_id)


@blueprint.post(f"{PAGE}/activate")
@permit("staff")
def activate(hub: str, worker_id: str) -> AnyResponse:
    """Open a closed account again."""
    try:
        with writing() as ctx:
            row = accounts.activate_worker(ctx, worker_id)
            record(ctx, "worker.activate", subject=f"worker:{row.id}")
    except Problem as problem:
        return go("workers", refused(problem), "error")
    return go("worker", _("The account is open again."), worker_id=worker_id)


@blueprint.post(f"{PAGE}/system-admin")
@permit("system")
def system_admin(hub: str, worker_id: str) -> AnyResponse:
    """Make a worker a system admin, or take that right away."""
    makes = request.form.get("make") == "yes"
    change = accounts.make_system_admin if makes else accounts.unmake_system_admin
    try:
        with writing() as ctx:
            row = change(ctx, worker_id)
            record(ctx, "worker.system_admin", subject=f"worker:{row.id}", detail={"is_system_admin": makes})
    except Problem as problem:
        return go("worker", refused(problem), "error", worker_id=worker_id)
    text = _("This worker is a system admin now.") if makes else _("This worker is no longer a system admin.")
    return go("worker", text, worker_id=worker_id)
