"""Who asks: the bearer token of a request, checked in this one place. No valid token, no answer.

A token acts as a worker of its hub named "token:<id>", with no role unless it may accept cases.
"""

from flask import g, request

from ..api.nouns import Worker
from ..hubs.open_lines import find_hub
from ..identity.models import ApiTokenRow
from ..identity.tokens import allows, find_token
from ..store.problems import Problem
from ..web.acting import reading
from ..web.services import services

#: What gives a token the role of a worker.
ACCEPTS = "cases:write"
LONGEST = 200


def enter(scope: str) -> None:
    """Let a request in as its token, at the token's hub; raises Problem for 401 and 403."""
    ctx = reading()
    row = find_token(ctx.session, _sent_token(), services().clock.now())
    hub = find_hub(ctx.session, row.hub_id) if row else None
    if row is None or hub is None:
        raise Problem("token_unknown", "令牌无效、已到期或已终止。", "The token is unknown, expired or ended.")
    if not allows(row, scope):
        zh, en = f"此令牌没有用途“{scope}”。", f"This token is not for {scope}."
        raise Problem("scope_missing", zh, en, scope)
    g.worker, g.hub = _worker(row), hub


def _sent_token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not 0 < len(token.strip()) <= LONGEST:
        zh, en = "请在 Authorization 中给出 Bearer 令牌。", "Give a bearer token in the Authorization header."
        raise Problem("token_missing", zh, en)
    return token.strip()


def _worker(row: ApiTokenRow) -> Worker:
    name = f"token:{row.id}"
    return Worker(name, name, row.name, frozenset({"worker"} if allows(row, ACCEPTS) else ()))
