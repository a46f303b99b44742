"""Signs calls and sends them; holds the lent secret until it ends or is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.api import TryLater

from .calls import Call, Reply, Secret
from .client import HttpClient
from .failures import Lost, refuse_status
from .signing import Signing


class RestSender:
    """The way of one platform: its client, its signing, its lent secret."""

    def __init__(self, client: HttpClient, settings: Mapping[str, Any], signing: Signing) -> None:
        self.client = client
        self.settings = settings
        self.signing = signing
        self._secret: Secret | None = None

    def send(self, call: Call, *, lost: Lost, timeout: float | None = None) -> Reply:
        """Sign and send; raises the error by recovery for every status the codec does not read."""
        secret = self._lend(timeout)
        signed = self.signing.sign(call, self.settings, secret, datetime.now(UTC))
        return self._deliver(signed, lost, timeout)

    def renew(self) -> bool:
        """Drop the lent secret; False when there was none, so that sending again is useless."""
        had_one, self._secret = self._secret is not None, None
        return had_one

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()

    def _lend(self, timeout: float | None) -> str:
        now = datetime.now(UTC)
        if self._secret is None or self._secret.ends_at <= now:
            call = self.signing.ask(self.settings, now)
            if call is None:
                return ""
            # Whatever happens while a secret is fetched, the message itself has not gone out.
            reply = self._deliver(call, TryLater, timeout)
            self._secret = self.signing.read(reply, self.settings, now)
        return self._secret.value

    def _deliver(self, call: Call, lost: Lost, timeout: float | None) -> Reply:
        reply = self.client.send(call, lost=lost, timeout=timeout)
        if reply.status not in call.accepts:
            raise refuse_status(reply, lost)
        return reply
