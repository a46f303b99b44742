"""The links of the trail: keyed digests over an act, a head, a place in the register of streams.

All are made with the audit key, which is in no database: who can write to the database cannot make them.
"""

import hashlib
import hmac
import json
from datetime import UTC
from typing import Any

from ..store.crypto import KeyRing

START = b"\0" * 32
#: The head that stands for the register of streams; no actor has this id.
REGISTER = "streams"


def link(keys: KeyRing, before: bytes, row: Any) -> bytes:
    """Compute the digest of a row over its content and the digest before it."""
    at = row.at.astimezone(UTC) if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    content = [row.stream, row.seq, at.isoformat(), row.actor_id, row.hub_id, row.action]
    content += [row.person_id, row.subject, row.purpose, row.detail]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(keys.audit, before + text.encode("utf-8", "surrogatepass"), hashlib.sha256)


def seal_head(keys: KeyRing, stream: str, seq: int, mac: bytes) -> bytes:
    """Compute the seal of a head: only whoever holds the key can move a head, forwards or back."""
    return hmac.digest(keys.audit, b"head\x1f" + f"{stream}\x1f{seq}\x1f".encode() + mac, hashlib.sha256)


def enter(keys: KeyRing, before: bytes, number: int, stream: str) -> bytes:
    """Compute the digest of a place in the register of streams."""
    return hmac.digest(keys.audit, b"stream\x1f" + before + f"{number}\x1f{stream}".encode(), hashlib.sha256)


def after(keys: KeyRing, head: Any) -> bytes:
    """Give the digest the next link is chained to.

    After a head that was tampered with this is one no row holds, so the break stays in the chain for good.
    """
    if hmac.compare_digest(head.seal, seal_head(keys, head.stream, head.seq, head.mac)):
        return bytes(head.mac)
    return hmac.digest(keys.audit, b"tampered\x1f" + head.mac, hashlib.sha256)
