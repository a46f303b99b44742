"""The keys that sign what platforms' screens are told about a worker; the newest signs, older ones still check.

A key is followed by a new one after a season or at an admin's word; its private half is forgotten at once,
its public half stays on show until the last token it signed is over.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import RSAKey
from sqlmodel import Session, col, select

from ..store.context import Context
from ..store.ids import new_id
from .audit import record
from .way_out_models import SigningKeyRow

ALGORITHM = "RS256"  # what every relying party must know
SEASON = timedelta(days=90)
#: How long a retired key stays on show; longer than any token lives.
ON_SHOW = timedelta(hours=1)


def signing_key(ctx: Context) -> RSAKey:
    """Give the key that signs now; the first one is made when it is first needed."""
    row = _newest(ctx.session, lock=True)
    if row is None or ctx.clock.now() - row.created_at > SEASON:
        row = rotate_keys(ctx)
    return RSAKey.import_key(row.private)


def rotate_keys(ctx: Context) -> SigningKeyRow:
    """Let a new key sign from now on."""
    now = ctx.clock.now()
    for old in ctx.session.exec(select(SigningKeyRow).where(col(SigningKeyRow.retired_at).is_(None))):
        old.retired_at, old.private = now, None
    kid = new_id()
    key = RSAKey.generate_key(3072, {"kid": kid, "use": "sig", "alg": ALGORITHM})
    public = json.dumps(key.as_dict(private=False), sort_keys=True)
    row = SigningKeyRow(id=kid, private=key.as_dict(private=True), public=public, created_at=now)
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "signing-key.new", subject=f"key:{kid}")
    return row


def keys_on_show(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Give the public halves of all keys that may have signed something that still counts."""
    rows = session.exec(select(SigningKeyRow).order_by(col(SigningKeyRow.id).desc()))
    return [json.loads(row.public) for row in rows if row.retired_at is None or now - row.retired_at < ON_SHOW]


def _newest(session: Session, *, lock: bool) -> SigningKeyRow | None:
    query = select(SigningKeyRow).where(col(SigningKeyRow.retired_at).is_(None))
    query = query.order_by(col(SigningKeyRow.id).desc()).limit(1)
    return session.exec(query.with_for_update() if lock else query).first()
