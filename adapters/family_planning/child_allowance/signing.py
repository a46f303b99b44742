"""Signatures of the child allowance system, both ways: HMAC-SHA256 in hex.

A request signs method, path, query, time and the digest of its body; a call-back
signs its message id, its time and the digest of its body.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.transports.rest.calls import Call, Reply, Secret
from workbench.api import BrokenPromise

MAX_AGE_SECONDS = 300


class SignedBody:
    """Headers X-App-Id, X-Timestamp (ms), X-Signature; X-Callback-Url where call-backs are wanted."""

    def ask(self, settings: Mapping[str, Any], now: datetime) -> Call | None:
        """Nothing is lent: the settings hold the secret."""
        return None

    def read(self, reply: Reply, settings: Mapping[str, Any], now: datetime) -> Secret:
        """Nothing is lent."""
        raise BrokenPromise("lent a secret nobody asked for")

    def sign(self, call: Call, settings: Mapping[str, Any], secret: str, now: datetime) -> Call:
        """Add the signature."""
        at = str(round(now.timestamp() * 1000))
        query = "&".join(f"{name}={value}" for name, value in sorted(call.query.items()))
        signature = seal(str(settings["app_secret"]), call.method, call.path, query, at, call.body)
        headers = {"X-App-Id": str(settings["app_id"]), "X-Timestamp": at, "X-Signature": signature}
        if settings.get("callback_url"):
            headers["X-Callback-Url"] = str(settings["callback_url"])
        return replace(call, headers={**call.headers, **headers})


def seal(secret: str, *parts: str | bytes) -> str:
    """Sign these parts, one a line; bytes go in as their SHA-256."""
    lines = (hashlib.sha256(part).hexdigest() if isinstance(part, bytes) else part for part in parts)
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def check_callback(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> str:
    """Give the message id of a genuine, fresh call-back; raises BrokenPromise for all others."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, at = given.get("x-message-id", ""), given.get("x-timestamp", "")
    signature = given.get("x-signature", "").encode("utf-8", "replace")
    if not secret:
        raise BrokenPromise("a call-back came although no call-back secret is set")
    if not message_id or not hmac.compare_digest(seal(secret, message_id, at, body).encode(), signature):
        raise BrokenPromise("a call-back is not signed by the platform")
    if not (at.isascii() and at.isdigit()) or abs(now.timestamp() - int(at) / 1000) > MAX_AGE_SECONDS:
        raise BrokenPromise("a call-back is too old or comes from the future")
    return message_id
