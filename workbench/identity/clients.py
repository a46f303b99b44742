"""The web screens of departments that are signed on from here: register one, change it, end it, know it again.

A worker is known to each screen by a name of its own (pairwise subject), so departments cannot put their
records together by it.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from .audit import record
from .discovery import is_safe
from .models import digest_of
from .way_out_models import ClientRow

TEXTS = ("name", "platform_id", "redirect_uris", "post_logout_uris", "logout_notice_uri", "launch_uri", "target_uri")


def register_client(ctx: Context, form: Mapping[str, str]) -> tuple[ClientRow, str]:
    """Register a screen; its secret is given this once. Raises Problems beside their fields."""
    values = _read(form)
    secret = secrets.token_urlsafe(32)
    row = ClientRow(
        id=new_id(), secret_digest=digest_of(secret), created_by=ctx.actor.id, created_at=ctx.clock.now(), **values
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "client.register", subject=f"client:{row.id}", detail={"platform": row.platform_id})
    return row, secret


def change_client(ctx: Context, client_id: str, form: Mapping[str, str]) -> ClientRow:
    """Change what was registered. Raises Problems, or LookupError."""
    row, values = _one(ctx.session, client_id), _read(form)
    for key, value in values.items():
        setattr(row, key, value)
    record(ctx, "client.change", subject=f"client:{row.id}", detail={"platform": row.platform_id})
    return row


def new_secret(ctx: Context, client_id: str) -> tuple[ClientRow, str]:
    """Replace a screen's secret; the old one is worth nothing from now on."""
    row, secret = _one(ctx.session, client_id), secrets.token_urlsafe(32)
    row.secret_digest = digest_of(secret)
    record(ctx, "client.secret", subject=f"client:{row.id}")
    return row, secret


def end_client(ctx: Context, client_id: str) -> ClientRow:
    """Sign this screen on no more. Safe twice."""
    row = _one(ctx.session, client_id)
    row.ended_at = row.ended_at or ctx.clock.now()
    record(ctx, "client.end", subject=f"client:{row.id}")
    return row


def find_client(session: Session, client_id: str | None) -> ClientRow | None:
    """Find a registered screen that has not ended."""
    row = session.get(ClientRow, client_id[:26]) if client_id else None
    return row if row and row.ended_at is None else None


def clients_of(session: Session) -> list[ClientRow]:
    """List every registered screen, newest first."""
    return list(session.exec(select(ClientRow).order_by(col(ClientRow.id).desc())))


def is_secret(row: ClientRow, secret: str) -> bool:
    """Tell whether this is the screen's secret."""
    return hmac.compare_digest(row.secret_digest, digest_of(secret))


def subject_of(keys: KeyRing, row: ClientRow, worker_id: str) -> str:
    """Give the name a worker has at this screen and nowhere else; it never changes."""
    sector = urlsplit(row.redirect_uris.split()[0]).hostname or ""
    return keys.mark(f"platform.subject.{sector}", worker_id).hex()


def _one(session: Session, client_id: str) -> ClientRow:
    row = session.get(ClientRow, client_id[:26], with_for_update=True)
    if row is None:
        raise LookupError(client_id)
    return row


def _read(form: Mapping[str, str]) -> dict[str, Any]:
    values = {
        key: "\n".join(form.get(key, "").split()) if key != "name" else form.get(key, "").strip() for key in TEXTS
    }
    if problems := list(_problems(values)):
        raise Problems(problems)
    return values


def _problems(values: Mapping[str, str]) -> Iterator[Problem]:
    if not values["name"]:
        yield Problem("name_missing", "请填写名称。", "Enter a name.", field="name")
    if not values["redirect_uris"]:
        yield Problem(
            "redirect_missing",
            "请至少填写一个回调地址。",
            "Enter at least one redirect address.",
            field="redirect_uris",
        )
    for key in TEXTS[2:]:
        if not all(is_safe(uri) and "#" not in uri for uri in values[key].split()):
            zh = "请填写完整的 https 地址，不带 # 部分。"
            en = "Enter whole https addresses, without a part after #."
            yield Problem("address_wrong", zh, en, field=key)
    if len({urlsplit(uri).hostname for uri in values["redirect_uris"].split() if is_safe(uri)}) > 1:
        zh, en = (
            "回调地址须在同一主机上；不同主机请分别登记。",
            "All must be on one host. Register each host by itself.",
        )
        yield Problem("several_hosts", zh, en, field="redirect_uris")
    if bool(values["launch_uri"]) != bool(values["target_uri"]):
        zh, en = "要从办件打开对方页面，两个地址都要填写。", "To be opened from a case it needs both addresses."
        yield Problem("launch_half", zh, en, field="launch_uri" if values["target_uri"] else "target_uri")
