"""The gateway's signature: a secret lent for a short time, then four signed headers on each call.

The application key signs the first call and opens the secret, which comes encrypted with
AES in ECB mode: one random block, as the gateway's protocol prescribes.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from adapters.transports.rest.calls import Call, Reply, Secret, form_call
from workbench.api import BrokenPromise, NeedsCredentials, NeedsSettings

TOKEN_PATH = "/api/token"  # noqa: S105 - a path


class GatewaySigning:
    """Headers gjgxjhpt_rid, _sid, _rtime and _sign = Base64(HMAC-SHA256(secret, sid + rid + rtime))."""

    def ask(self, settings: Mapping[str, Any], now: datetime) -> Call | None:
        """Make the call that borrows a secret, signed with the application key itself."""
        if len(str(settings["app_key"]).encode()) not in (16, 24, 32):
            raise NeedsSettings("the application key must have 16, 24 or 32 characters")
        return self.sign(form_call(TOKEN_PATH, {}), settings, str(settings["app_key"]), now)

    def read(self, reply: Reply, settings: Mapping[str, Any], now: datetime) -> Secret:
        """Open the lent secret. Here alone the gateway writes `code` as a number."""
        content = reply.json()
        if content.get("code") != 0:
            raise NeedsCredentials("the gateway lends no secret: check requester id, application key and clock")
        data = content.get("data")
        if not isinstance(data, dict) or not str(data.get("secretEndTime", "")).isdigit():
            raise BrokenPromise("the lent secret has no end")
        ends_at = datetime.fromtimestamp(int(data["secretEndTime"]) / 1000, UTC)
        return Secret(open_secret(str(data.get("secret", "")), str(settings["app_key"])), ends_at)

    def sign(self, call: Call, settings: Mapping[str, Any], secret: str, now: datetime) -> Call:
        """Add the four headers."""
        requester, service = str(settings["app_id"]), str(settings["service_id"])
        at = str(round(now.timestamp() * 1000))
        digest = hmac.new(secret.encode(), (service + requester + at).encode(), hashlib.sha256).digest()
        headers = {
            "gjgxjhpt_rid": requester,
            "gjgxjhpt_sid": service,
            "gjgxjhpt_rtime": at,
            "gjgxjhpt_sign": base64.b64encode(digest).decode(),
        }
        return replace(call, headers={**call.headers, **headers})


def open_secret(text: str, app_key: str) -> str:
    """Decrypt a lent secret; raises NeedsCredentials when the key does not fit."""
    # The mode is the gateway's choice, not ours: it decrypts nothing but one random secret.
    opener = Cipher(algorithms.AES(app_key.encode()), modes.ECB()).decryptor()  # noqa: S305 - the protocol
    unpadder = PKCS7(128).unpadder()
    try:
        padded = opener.update(base64.b64decode(text, validate=True)) + opener.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("ascii")
    except (ValueError, binascii.Error) as error:
        raise NeedsCredentials("the lent secret cannot be opened with this application key") from error
