"""What a platform's screen is told about the worker in front of it: a name of its own, hub, roles, purpose. No more."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, or_, select

from ..staff.models import GrantRow
from ..store.context import Context
from .clients import subject_of
from .way_out_models import AccessRow, ClientRow, CodeRow, LaunchRow


@dataclass(frozen=True, slots=True)
class Guest:
    """A signed-on worker whom a screen wants to know, at one hub, and what was opened for them."""

    worker_id: str
    hub_id: str
    sid: str
    auth_time: int
    way: str
    launch_id: str = ""


#: How each way of signing on is called in the claim `amr` (RFC 8176).
AMR = {"local": ["pwd"], "emergency": ["pwd"], "phone-code": ["pwd", "otp", "mfa"], "passkey": ["hwk", "user", "mfa"]}


def claims_about(ctx: Context, client: ClientRow, given: CodeRow | AccessRow) -> dict[str, Any]:
    """Give the claims about a worker, as they are now."""
    launch = ctx.session.get(LaunchRow, given.launch_id) if given.launch_id else None
    return {
        "sub": subject_of(ctx.keys, client, given.worker_id),
        "hub": given.hub_id,
        "roles": roles_at(ctx, given.worker_id, given.hub_id),
        "purpose": launch.purpose if launch else "",
    }


def roles_at(ctx: Context, worker_id: str, hub_id: str) -> list[str]:
    """List the roles a worker holds at a hub now: "worker", or "worker:civil_affairs" for one line."""
    now = ctx.clock.now()
    query = select(GrantRow).where(GrantRow.worker_id == worker_id, GrantRow.hub_id == hub_id)
    query = query.where(
        col(GrantRow.valid_from) <= now, or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now)
    )
    return sorted({f"{row.role}:{row.line_id}" if row.line_id else row.role for row in ctx.session.exec(query)})
