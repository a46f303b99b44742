"""Of whom a second step is demanded after the password, and what somebody may open until they have one."""

from datetime import datetime

from flask import current_app, g, request, url_for
from sqlalchemy import bindparam, or_, select
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime
from werkzeug.wrappers import Response as AnyResponse

from ..staff.models import GrantRow, WorkerRow
from ..store.rows import prepare, run
from ..web import htmx
from ..web.permit import PUBLIC, permission_of
from .phone_code import has_code
from .way_in_models import PasskeyRow

#: How a session is marked whose worker still has to set a second step up; it opens nothing else.
SETTING_UP = "setting-up"
MAY_SET_UP = frozenset(
    {
        "identity.must_set_up", "identity.new_code", "identity.keep_code", "identity.ask_new_passkey",
        "identity.keep_passkey", "identity.leave", "identity.language",
    }
)  # fmt: skip
ADMIN_ROLES = ("hub_admin",)
_NOW = bindparam("now", type_=UTCDateTime())
ADMIN_GRANT = prepare(
    select(col(GrantRow.id))
    .where(
        col(GrantRow.worker_id) == bindparam("worker"),
        col(GrantRow.role).in_(ADMIN_ROLES),
        col(GrantRow.valid_from) <= _NOW,
        or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > _NOW),
    )
    .limit(1)
)


def hold_back() -> AnyResponse | None:
    """Open nothing else to a session that still has to set a second step up; pages for everybody see nobody in it."""
    if "signed_in" not in g or g.signed_in.way != SETTING_UP or request.endpoint in MAY_SET_UP:
        return None
    if request.endpoint not in (None, "static") and permission_of(current_app, request.endpoint) != PUBLIC:
        return htmx.go_to(url_for("identity.must_set_up"))
    for name in ("signed_in", "worker"):
        g.pop(name, None)
    return None


def is_lacking(session: Session, row: WorkerRow, demanded_of: str, now: datetime) -> bool:
    """Tell whether a worker whose password was right has to set a second step up before anything else."""
    if demanded_of == "nobody" or has_code(session, row.id):
        return False
    if demanded_of == "admins" and (row.spares_second_step or not is_admin(session, row, now)):
        return False
    return session.scalar(select(col(PasskeyRow.id)).where(col(PasskeyRow.worker_id) == row.id).limit(1)) is None


def is_admin(session: Session, row: WorkerRow, now: datetime) -> bool:
    """Tell whether a worker is an admin of any hub, or of the system."""
    return row.is_system_admin or run(session, ADMIN_GRANT, worker=row.id, now=now).first() is not None
