"""An adapter that asks and is answered: one sender, one codec. REST and SOAP share it.

Beside `encode`, `decode_receipt` and `decode_outcomes` its codec offers what the
platform can do: `ask_health`/`decode_health`, `ask_found`/`decode_found`,
`ask_outcomes`/`decode_cursor`, `ask_answers`/`decode_answers`.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from workbench.api import (
    AdapterError,
    Batch,
    Capability,
    Health,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Parcel,
    Question,
    Receipt,
    Task,
    TryLater,
)
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Answer

from .failures import Lost

T = TypeVar("T")


class Sender(Protocol):
    """Carries a call and brings the reply; what a call is, sender and codec agree on."""

    def send(self, call: Any, *, lost: Lost, timeout: float | None = None) -> Any:
        """Send one call."""

    def renew(self) -> bool:
        """Drop lent credentials; False when nothing could be renewed."""

    def close(self) -> None:
        """Let go of connections."""


class ExchangeAdapter:
    """One platform that answers each message at once; see `workbench.api.Adapter` for the promises."""

    def __init__(
        self,
        platform: PlatformManifest,
        settings: Mapping[str, Any],
        codec: Any,
        open_sender: Callable[[Mapping[str, Any]], Sender],
    ) -> None:
        self.platform = platform
        self.settings = with_defaults(platform, settings)
        self.codec = codec
        self.capabilities = frozenset(Capability(name) for name in platform.capabilities)
        self._open_sender = open_sender
        self._sender: Sender | None = None

    def check(self) -> Health:
        """Ask the platform for a sign of life with our credentials."""
        started, at = time.monotonic(), datetime.now(UTC)
        try:
            detail = self._ask(self.codec.ask_health, self.codec.decode_health, lost=TryLater)
        except NeedsSettings as error:
            return Health("unconfigured", error.text, 0, at)
        except AdapterError as error:
            return Health("down", error.text, _since(started), at)
        ms = _since(started)
        slow = ms > self.platform.limits.timeout_seconds * 500
        return Health("degraded" if slow else "up", detail, ms, at)

    def push(self, parcel: Parcel) -> Receipt:
        """Hand one parcel over."""
        lost: Lost = OutcomeUnknown if self.platform.repeat == "person-decides" else TryLater
        receipt: Receipt = self._ask(lambda: self.codec.encode(parcel), self.codec.decode_receipt, lost=lost)
        return receipt

    def find(self, key: str) -> Receipt | None:
        """Ask whether a parcel arrived."""
        self._need(Capability.FIND)
        found: Receipt | None = self._ask(lambda: self.codec.ask_found(key), self.codec.decode_found, lost=TryLater)
        return found

    def collect(self, cursor: str) -> Batch:
        """Fetch outcomes since the cursor."""
        self._need(Capability.COLLECT)
        return self._ask(
            lambda: self.codec.ask_outcomes(cursor), lambda reply: self._batch(reply, cursor), lost=TryLater
        )

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        """Ask what the platform holds about a person, within the time limit for lookups."""
        self._need(Capability.LOOKUP)
        return self._ask(
            lambda: self.codec.ask_answers(question),
            lambda reply: self.codec.decode_answers(reply, question),
            lost=TryLater,
            timeout=self.platform.limits.lookup_seconds,
        )

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        """Fetch what was assigned to the hub."""
        self._need(Capability.TASKS)
        return self._ask(lambda: self.codec.ask_tasks(cursor), self.codec.decode_tasks, lost=TryLater)

    def close(self) -> None:
        """Let go of connections."""
        if self._sender is not None:
            self._sender.close()
            self._sender = None

    def _batch(self, reply: Any, cursor: str) -> Batch:
        outcomes = self.codec.decode_outcomes(reply)
        following, more = self.codec.decode_cursor(reply, cursor)
        return Batch(outcomes, following, more)

    def _ask(
        self, call: Callable[[], Any], decode: Callable[[Any], T], *, lost: Lost, timeout: float | None = None
    ) -> T:
        self._need_settings()
        sender = self._sender = self._sender or self._open_sender(self.settings)
        try:
            return decode(sender.send(call(), lost=lost, timeout=timeout))
        except NeedsCredentials:
            # A refused signature was not taken, so one try with fresh credentials is safe.
            if not sender.renew():
                raise
        return decode(sender.send(call(), lost=lost, timeout=timeout))

    def _need_settings(self) -> None:
        missing = [s.key for s in self.platform.settings if s.required and not str(self.settings.get(s.key) or "")]
        if missing:
            raise NeedsSettings("settings are missing: " + ", ".join(missing))

    def _need(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise NotImplementedError(f"{self.platform.id} does not offer {capability}")


def with_defaults(platform: PlatformManifest, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings with the manifest's defaults where nothing was set."""
    defaults = {setting.key: setting.default for setting in platform.settings}
    return defaults | {key: value for key, value in settings.items() if value not in (None, "")}


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
