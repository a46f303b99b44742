"""A department's screen that was opened from a case: its ticket finds the opening again when the screen asks who it is.

The ticket stands in addresses and says nothing by itself; only the worker who opened it can use it, soon, and
only this screen learns for whom it was opened.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from sqlmodel import Session, col, select

from ..store.context import Context
from ..store.ids import new_id
from .audit import record
from .models import digest_of
from .told import Guest
from .way_out_models import ClientRow, LaunchRow

LIFE = timedelta(minutes=10)
MOST = 100


@dataclass(frozen=True, slots=True)
class Matter:
    """What a screen is opened for."""

    case_id: str
    person_id: str
    purpose: str
    delivery_id: str = ""


def openable(session: Session, platform_ids: Iterable[str]) -> list[ClientRow]:
    """List the screens of some platforms that can be opened signed on."""
    mine = col(ClientRow.platform_id).in_(sorted(set(platform_ids)))
    query = select(ClientRow).where(mine, col(ClientRow.ended_at).is_(None), ClientRow.launch_uri != "")
    return list(session.exec(query.order_by(col(ClientRow.id))))


def open_screen(ctx: Context, client: ClientRow, matter: Matter, sid: str, issuer: str) -> tuple[LaunchRow, str]:
    """Open a screen for a matter; gives the address a browser goes to (OpenID: third party initiated login)."""
    ticket = secrets.token_urlsafe(24)
    row = LaunchRow(
        id=new_id(),
        ticket_digest=digest_of(ticket),
        client_id=client.id,
        worker_id=ctx.actor.id,
        hub_id=ctx.hub.id,
        sid=sid,
        case_id=matter.case_id,
        person_id=matter.person_id,
        delivery_id=matter.delivery_id,
        purpose=matter.purpose,
        created_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    subject = f"client:{client.id}"
    record(ctx, "launch.open", person_id=matter.person_id, subject=subject, purpose=matter.purpose)
    query = urlencode({"iss": issuer, "login_hint": ticket, "target_link_uri": client.target_uri})
    return row, f"{client.launch_uri}{'&' if urlsplit(client.launch_uri).query else '?'}{query}"


def find_launch(ctx: Context, ticket: str, client: ClientRow, guest: Guest) -> LaunchRow | None:
    """Find the opening a ticket stands for; nothing for another worker, another screen, or too late."""
    row = ctx.session.exec(select(LaunchRow).where(LaunchRow.ticket_digest == digest_of(ticket))).first()
    if row is None or row.client_id != client.id or row.worker_id != guest.worker_id:
        return None
    return row if ctx.clock.now() - row.created_at <= LIFE else None


def launches_of(session: Session, case_id: str) -> list[LaunchRow]:
    """List what was opened from a case, newest first."""
    query = select(LaunchRow).where(LaunchRow.case_id == case_id)
    return list(session.exec(query.order_by(col(LaunchRow.id).desc()).limit(MOST)))
