"""Tells whoever follows that a value of a person was corrected. The rooms above say how, when the program starts.

Until somebody follows, nothing is told: the facts are recorded all the same.
"""

from collections.abc import Callable, Sequence

from ..store.context import Context
from .facts import FactInput

#: Called with the person, the corrected values and the case they were corrected in ("" = none).
Follow = Callable[[Context, str, Sequence[FactInput], str], object]


def _nobody(ctx: Context, person_id: str, facts: Sequence[FactInput], case_id: str) -> None:
    return None


_follow: Follow = _nobody


def set_follower(follow: Follow | None = None) -> None:
    """Say who is told of corrections; None means nobody."""
    global _follow
    _follow = follow or _nobody


def corrected(ctx: Context, person_id: str, facts: Sequence[FactInput], case_id: str = "") -> None:
    """Tell that these values took the place of others."""
    if facts:
        _follow(ctx, person_id, facts, case_id)
