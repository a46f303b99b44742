"""The adapter of one site: enter a matter page by page, ask for it, read the list of decisions."""

import html
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from adapters.transports.charset import Spelling
from workbench.api.adapter import Capability
from workbench.api.errors import AdapterError, BrokenPromise, NeedsSettings
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Answer, Batch, Health, Outcome, Parcel, Question, Receipt, Task

from .browser import Browser
from .filling import Filling, spell
from .layout import Layout
from .page import Page, fill
from .session import Session


class WebFormCodec(Protocol):
    """What a web-form platform's codec module offers."""

    LAYOUT: Layout

    def encode(self, parcel: Parcel) -> Filling: ...
    def decode_receipt(self, reply: Page) -> Receipt: ...
    def decode_outcomes(self, reply: Page) -> tuple[Outcome, ...]: ...
    def decode_found(self, reply: Page, key: str) -> Receipt | None: ...


class WebFormAdapter:
    """One site, ready to use."""

    capabilities = frozenset({Capability.PUSH, Capability.FIND, Capability.COLLECT})

    def __init__(self, platform: PlatformManifest, settings: Mapping[str, Any], codec: WebFormCodec) -> None:
        self.platform = platform
        self.codec = codec
        self.layout = codec.LAYOUT
        self.spelling = Spelling(platform.charset, platform.rare_characters)
        self.missing = [key for key in ("base_url", "username", "password") if not settings.get(key)]
        self.browser = Browser(str(settings.get("base_url", "")), platform)
        account = str(settings.get("username", "")), str(settings.get("password", ""))
        self.session = Session(self.browser, self.layout, *account)
        self.own_account = account

    def check(self) -> Health:
        """Sign on and look at the query page and an empty application form; nothing is filled in."""
        started, at = time.monotonic(), datetime.now(UTC)
        if self.missing:
            return Health("unconfigured", f"missing: {', '.join(self.missing)}", at=at)
        self.session.use(*self.own_account)
        try:
            self.session.signed_on(lambda: self.session.open("query"))
        except AdapterError as error:
            text = f"{type(error).__name__}: {error.text}"
            return Health("unconfigured" if isinstance(error, NeedsSettings) else "down", text, at=at)
        stopped = self._entry_stopped()
        ms = int((time.monotonic() - started) * 1000)
        return Health("degraded" if stopped else "up", stopped, ms, at)

    def _entry_stopped(self) -> str:
        """Say why nothing can be entered although the site answers, or ""."""
        try:
            self.session.signed_on(lambda: self.session.open("application", {"yw": self.layout.check_action}))
        except AdapterError as error:
            return f"no entry: {error.text}"
        return ""

    def push(self, parcel: Parcel) -> Receipt:
        """Enter a matter, unless the site already has this key; a lost answer is TryLater, then ask `find`."""
        self._need_settings()
        filling = spell(self.codec.encode(parcel), self.layout, self.spelling)
        lent = parcel.sign_on
        self.session.use(*((lent.username, lent.secret) if lent else self.own_account))
        return self.session.signed_on(lambda: self._enter(parcel.key, filling))

    def _enter(self, key: str, filling: Filling) -> Receipt:
        # Also after a session lost midway: asking first makes entering a second time impossible.
        known = self._ask(key)
        if known:
            return replace(known, state="duplicate")
        done = self.session.send(self._confirmation(filling), "done", final=True)
        # A page that thanks for everything is no proof: it must show our key.
        self._compare(done, next(field.theirs for field in self.layout.fields if field.ours == "key"), key)
        return self.codec.decode_receipt(done)

    def _confirmation(self, filling: Filling) -> Page:
        path = self.layout.pages["application"].path
        if not self.session.open("menu").link(path, yw=filling.action):
            raise BrokenPromise(f"the menu no longer offers the business {filling.action}")
        form = self.session.open("application", {"yw": filling.action})
        fill(form, filling.values, filling.keys)
        confirmation = self.session.send(form, "confirmation")
        for field in self.layout.fields:
            if field.compare and field.theirs in filling.values:
                self._compare(confirmation, field.theirs, filling.values[field.theirs])
        return confirmation

    def _compare(self, page: Page, name: str, sent: str) -> None:
        """Stop when the site understood something else than was sent."""
        if html.unescape(page.text(f"echo_{name}")) != html.unescape(" ".join(sent.split())):
            raise BrokenPromise(f"page {page.title}: the field {name} does not show what was filled in")

    def find(self, key: str) -> Receipt | None:
        """Ask the query page for a key."""
        self._need_settings()
        self.session.use(*self.own_account)
        return self.session.signed_on(lambda: self._ask(key))

    def _ask(self, key: str) -> Receipt | None:
        page = self.session.open("query")
        fill(page, {self.layout.query_field: key}, {})
        return self.codec.decode_found(self.session.send(page, "query"), key)

    def collect(self, cursor: str) -> Batch:
        """Read the list of changes after a serial number; one page of it at a time."""
        self._need_settings()
        self.session.use(*self.own_account)
        page = self.session.signed_on(lambda: self.session.open("list", {"lsh": cursor or "0"}))
        outcomes = self.codec.decode_outcomes(page)
        more = bool(page.tree.xpath("//a[@id='lnkNext']"))
        if more and not outcomes:
            raise BrokenPromise("the list has a next page and no rows")
        return Batch(outcomes, outcomes[-1].message_id if outcomes else cursor, more)

    def rare_characters(self, parcel: Parcel) -> tuple[str, ...]:
        """Tell the worker which characters the site will not get as they are written; empty for most people."""
        return spell(self.codec.encode(parcel), self.layout, self.spelling).notes

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        """Know nothing of anybody: the site offers no such page."""
        return ()

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        """Assign nothing."""
        return ()

    def close(self) -> None:
        """Let go of the connection. Safe to call twice."""
        self.session.is_on = False
        self.browser.close()

    def _need_settings(self) -> None:
        if self.missing:
            raise NeedsSettings(f"missing: {', '.join(self.missing)}")


def make_adapter(platform: PlatformManifest, settings: Mapping[str, Any], codec: Any) -> WebFormAdapter:
    """Build the adapter of one site."""
    return WebFormAdapter(platform, settings, codec)
