"""Whom the running request has shown: noted by what reads residents for pages, and by what writes into the trail.

Outside a request nothing is noted. What becomes of it: `looks.py`.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Seen:
    """Whom one request has shown so far, and of whom the trail knows already."""

    shown: dict[str, None] = field(default_factory=dict)
    listed: dict[str, None] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    #: The right the request uses: the reason of an act about a resident for which nobody states another.
    why: str = ""


CURRENT: ContextVar[Seen | None] = ContextVar("seen", default=None)


def shows(person_id: str) -> None:
    """Note that a page is about a resident."""
    if seen := CURRENT.get():
        seen.shown[person_id] = None


def lists(person_ids: Iterable[str]) -> None:
    """Note that a page names residents in a list."""
    if seen := CURRENT.get():
        seen.listed |= dict.fromkeys(person_ids)


def reason() -> str:
    """Give the right the running request uses."""
    seen = CURRENT.get()
    return seen.why if seen else ""


def tells(person_ids: Iterable[str]) -> None:
    """Note that the trail knows of a look at some residents."""
    if seen := CURRENT.get():
        seen.told.update(person_ids)
