"""The picture of the meter: two bars to one scale, drawn here, so that no script and no style is needed."""

from dataclasses import dataclass

from .formula import Sums

WIDTH = 640


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a bar."""

    kind: str  # class and pattern: hand, filled, typed, retyped
    x: int
    width: int
    count: int


def bars(sums: Sums) -> list[list[Bar]]:
    """Give the bar of what would be typed by hand, and the bar of what was typed."""
    most = max(sums.by_hand, sums.typed + sums.retyped, 1)
    return [_row(most, ("hand", sums.by_hand)), _row(most, ("typed", sums.typed), ("retyped", sums.retyped))]


def columns(months: dict[str, Sums], height: int = 120) -> list[tuple[str, int, int]]:
    """Give the months, oldest first, each with its minutes saved and the height of its column."""
    most = max([sums.minutes for sums in months.values()] or [0]) or 1
    return [(month, months[month].minutes, round(height * months[month].minutes / most)) for month in sorted(months)]


def _row(most: int, *parts: tuple[str, int]) -> list[Bar]:
    found, x = [], 0
    for kind, count in parts:
        width = round(WIDTH * count / most)
        width = max(width, 3) if count else 0
        found.append(Bar(kind, x, width, count))
        x += width
    return [bar for bar in found if bar.count]
