"""Ways of signing a call. A codec names one as `signing`; without one, calls go unsigned.

A signing is pure: it is told the settings, the lent secret and the time.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote_plus

from workbench.api import BrokenPromise, NeedsCredentials

from .calls import Call, Reply, Secret, form_call


class Signing(Protocol):
    """How one platform knows that a call is ours."""

    def ask(self, settings: Mapping[str, Any], now: datetime) -> Call | None:
        """Make the call that fetches a short-lived secret; None where the settings hold all."""

    def read(self, reply: Reply, settings: Mapping[str, Any], now: datetime) -> Secret:
        """Read the secret that was lent."""

    def sign(self, call: Call, settings: Mapping[str, Any], secret: str, now: datetime) -> Call:
        """Give the call with its signature."""


class Unsigned:
    """For platforms that trust the network."""

    def ask(self, settings: Mapping[str, Any], now: datetime) -> Call | None:
        return None

    def read(self, reply: Reply, settings: Mapping[str, Any], now: datetime) -> Secret:
        raise BrokenPromise("lent a secret nobody asked for")

    def sign(self, call: Call, settings: Mapping[str, Any], secret: str, now: datetime) -> Call:
        return call


class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749, 4.4) with `client_id` and `client_secret` of the settings."""

    def __init__(self, path: str, scope: str = "") -> None:
        self.path = path
        self.scope = scope

    def ask(self, settings: Mapping[str, Any], now: datetime) -> Call | None:
        """Make the call to the token endpoint."""
        pair = f"{quote_plus(str(settings['client_id']))}:{quote_plus(str(settings['client_secret']))}"
        fields = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        return form_call(self.path, fields, headers=basic, accepts=frozenset({200, 400, 401}))

    def read(self, reply: Reply, settings: Mapping[str, Any], now: datetime) -> Secret:
        """Read the token; it counts as expired half a minute early."""
        content = reply.json()
        if reply.status != 200:
            raise NeedsCredentials(f"no token was given: {content.get('error', '')}")
        token, seconds = content.get("access_token"), content.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise BrokenPromise(f"the token answer lacks a part: has {json.dumps(sorted(content))}")
        return Secret(token, now + timedelta(seconds=max(seconds - 30, 1)))

    def sign(self, call: Call, settings: Mapping[str, Any], secret: str, now: datetime) -> Call:
        """Add the bearer token."""
        return replace(call, headers={**call.headers, "Authorization": f"Bearer {secret}"})
