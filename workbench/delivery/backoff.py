"""How long to wait before the next try: doubling, with a cap, spread so that not all come back at once."""

import random
from datetime import timedelta

FIRST, CAP = 2.0, 300.0


def wait_after(attempts: int, asked: float | None = None) -> timedelta:
    """Give the wait after so many tries; never shorter than the platform asked for, never over an hour."""
    usual = min(CAP, FIRST * 2 ** min(max(attempts - 1, 0), 16))
    spread = usual * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=min(max(spread, asked or 0.0), 3600.0))
