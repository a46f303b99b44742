"""How the platforms of the open lines are, for banners, the home page and the item picker.

Read in one narrow query and kept for a few seconds per process: every page shows it.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlmodel import col

from ..api.manifest import ItemManifest
from ..delivery.models import PlatformRow
from ..host.discover import Installed, Line
from ..store.rows import ask, prepare
from ..web.language import bilingual, current_locale
from ..web.services import services

KEPT_SECONDS = 5.0
PLACE = "workbench.platform_health"
#: From well to bad; an item is as well as its worst platform.
ORDER = ("up", "unknown", "unconfigured", "degraded", "down")
Health = Mapping[str, tuple[str, datetime | None]]
HEALTH = prepare(select(*(col(getattr(PlatformRow, name)) for name in ("platform_id", "health", "since"))))


@dataclass(frozen=True, slots=True)
class PlatformLook:
    """One platform as the worker sees it."""

    id: str
    line_id: str
    name: str
    advice: str
    health: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read, when, its mark, and the lists drawn from it by language and lines."""

    at: float
    health: Health
    mark: int
    looks: dict[tuple[str, ...], list[PlatformLook]]


def read_health() -> Health:
    """Give state and since when of every platform ever looked at, at most a few seconds old."""
    return _read().health


def health_mark() -> int:
    """Give what differs when any platform's state differs."""
    return _read().mark


def _read() -> _Kept:
    kept: _Kept | None = current_app.extensions.get(PLACE)
    now = time.monotonic()
    if kept is None or now - kept.at > KEPT_SECONDS:
        rows = ask(services().store.engine, HEALTH).all()
        health = {platform_id: (state, since) for platform_id, state, since in rows}
        kept = _Kept(now, health, hash(frozenset(health.items())), {})
        current_app.extensions[PLACE] = kept
    return kept


def platforms_of(installed: Installed, lines: Iterable[Line]) -> list[PlatformLook]:
    """List the platforms of these lines, the worst first; drawn anew only when they were read anew."""
    kept, wanted = _read(), tuple(line.id for line in lines)
    key = (current_locale(), *wanted)
    looks = kept.looks.get(key)
    if looks is None:
        looks = kept.looks[key] = _draw(kept.health, installed, wanted)
    return looks


def _draw(health: Health, installed: Installed, wanted: tuple[str, ...]) -> list[PlatformLook]:
    looks = []
    for platform in installed.platforms:
        manifest = platform.manifest
        if manifest is None or manifest.line not in wanted:
            continue
        state, since = health.get(platform.id, ("unknown", None))
        name, advice = bilingual(manifest.name_zh, manifest.name_en), bilingual(manifest.advice_zh, manifest.advice_en)
        looks.append(PlatformLook(platform.id, manifest.line, name, advice, state, since))
    return sorted(looks, key=lambda look: (-_badness(look.health), look.id))


def item_health(health: Health, item: ItemManifest) -> str:
    """Give the state of the worst platform an item is delivered to; "" when it is delivered nowhere."""
    states = [health.get(platform_id, ("unknown", None))[0] for platform_id in item.platform_ids]
    return max(states, key=_badness, default="")


def _badness(state: str) -> int:
    return ORDER.index(state) if state in ORDER else 1
