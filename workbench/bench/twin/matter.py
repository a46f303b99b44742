"""What the twin knows before anybody asks: items with their forms, calendar, open lines, the health of platforms."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from ...cases.calendar import Calendar, make_calendar
from ...catalogue.form import Form, form_of
from ...catalogue.items import Catalogue, Item
from ...catalogue.loaded import catalogue
from ...host.discover import Installed, discover
from ...store.clock import SHANGHAI
from .database import Database
from .duties import Caller


def today() -> date:
    """Give the day at the round table."""
    return datetime.now(SHANGHAI).date()


@dataclass
class Matter:
    """Kept in memory for as long as the program runs."""

    database: Database
    installed: Installed = field(default_factory=discover)
    _open: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    _forms: dict[str, Form] = field(default_factory=dict)
    _health: tuple[float, dict[str, tuple[str, str]]] = (0.0, {})
    frozen: set[str] = field(default_factory=set)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue(self.installed)

    @cached_property
    def calendar(self) -> Calendar:
        rows = self.database.all("SELECT day, kind FROM calendar_day")
        return make_calendar((date.fromisoformat(day), kind) for day, kind in rows)

    def form(self, item: Item) -> Form:
        """Give the form of an item, built once."""
        if item.digest not in self._forms:
            self._forms[item.digest] = form_of(item.manifest)
        return self._forms[item.digest]

    def open_lines(self, caller: Caller) -> list[str]:
        """Give the lines open at the caller's hub, asked again when its version changed."""
        known = self._open.get(caller.hub_id)
        if known is None or known[0] != caller.hub_version:
            query = "SELECT line_id FROM open_line WHERE hub_id = ? AND closed_at IS NULL ORDER BY position, line_id"
            known = caller.hub_version, [line for (line,) in self.database.all(query, (caller.hub_id,))]
            self._open[caller.hub_id] = known
        return known[1]

    def health(self) -> dict[str, tuple[str, str]]:
        """Give state and since when of every platform, at most five seconds old."""
        now = time.monotonic()
        if now - self._health[0] > 5:
            rows = self.database.all("SELECT platform_id, health, since FROM platform_state")
            self._health = now, {platform: (state, since or "") for platform, state, since in rows}
        return self._health[1]

    def sick(self, caller: Caller) -> list[dict[str, str]]:
        """List the platforms of the hub's lines that do not answer well."""
        lines, health, found = self.open_lines(caller), self.health(), []
        for platform in self.installed.platforms:
            state, since = health.get(platform.id, ("unknown", ""))
            if platform.manifest and platform.manifest.line in lines and state in ("down", "degraded", "unconfigured"):
                manifest = platform.manifest
                row = {"name": manifest.name_zh, "advice": manifest.advice_zh, "health": state, "since": since[:16]}
                found.append(row)
        return found

    def region(self, division: str, day: date) -> dict[str, Any]:
        """Give the thresholds in force at a division. One statement."""
        import json

        places = {division[:n] for n in (2, 4, 6, 9, 12)} | {division[:n].ljust(6, "0") for n in (2, 4, 6)}
        query = (
            f"SELECT division, valid_from, name, value FROM division_parameter WHERE valid_from <= ? "
            f"AND (valid_to IS NULL OR valid_to >= ?) AND division IN ({', '.join('?' * len(places))})"
        )
        rows = self.database.all(query, (day.isoformat(), day.isoformat(), *sorted(places)))
        rows.sort(key=lambda row: (len(row[0].rstrip("0")), row[1]))
        return {name: json.loads(value).get("value") for _, _, name, value in rows}
