"""Life events (一件事): items of several lines that belong to one moment of a person's life."""

import tomllib
from functools import cache
from pathlib import Path

from ..api.manifest import Manifest, Mark

FOLDER = Path(__file__).with_name("life_events")


class ByName(Manifest):
    """An item of the bundle that is known by name only."""

    code: str
    title_zh: str
    title_en: str = ""
    department: str = ""


class LifeEvent(Manifest):
    """One bundle."""

    key: str
    title_zh: str
    title_en: str
    item_codes: tuple[str, ...]
    parts: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # may be added
    for_child: tuple[str, ...] = ()  # whose applicant is the child, not who sits at the table
    by_name_only: tuple[ByName, ...] = ()
    confidence: Mark
    source_url: str = ""
    basis: str = ""
    note: str = ""


def find_life_event(key: str) -> LifeEvent | None:
    """Give a bundle by its key."""
    return next((event for event in load_life_events() if event.key == key), None)


@cache
def load_life_events() -> tuple[LifeEvent, ...]:
    """Read the bundles."""
    return tuple(LifeEvent.model_validate(tomllib.loads(p.read_text("utf-8"))) for p in sorted(FOLDER.glob("*.toml")))
