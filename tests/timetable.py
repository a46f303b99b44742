"""The days that journeys expect, from a table counted by hand; nothing of the product counts here."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "journeys" / "shapes" / "dates.toml"


@dataclass(frozen=True)
class ExpectedClock:
    """One clock of a case, counted by hand."""

    kind: str
    start: date
    days: int
    due: date
    worked: tuple[date, ...]
    over: tuple[tuple[date, date, str], ...]

    def differs_from(self, due: str, rows: dict[str, str]) -> list[str]:
        """Compare it with a clock as its page shows it; gives what differs, in words."""
        wanted = {span(first, last): word for first, last, word in self.over}
        wanted |= {day.isoformat(): "调休" for day in self.worked}
        shown = {key: value for key, value in rows.items() if key[:2] == "20"}
        found = [f"{key}: {shown.get(key, 'not shown')}, not {word}" for key, word in wanted.items()
                 if word not in shown.get(key, "")]  # fmt: skip
        found += [f"{key}: {shown[key]} is in no table" for key in shown.keys() - wanted.keys()]
        if due != self.due.isoformat():
            found.append(f"due {due}, not {self.due}")
        if self.start.isoformat() not in rows.get("起算", ""):
            found.append(f"starts {rows.get('起算')}, not {self.start}")
        if f"{self.days} 个" not in rows.get("期限", ""):
            found.append(f"limit {rows.get('期限')}, not {self.days}")
        return found


def span(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first} – {last}"


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


def row(kind: str, name: str) -> dict[str, Any]:
    """Find one row of the table."""
    (found,) = (one for one in table()[kind] if one["name"] == name)
    return dict(found)


def expected_clock(name: str) -> ExpectedClock:
    found = row("clock", name)
    over = tuple((first, last, word) for first, last, word in found["over"])
    return ExpectedClock(found["kind"], found["start"], found["days"], found["due"], tuple(found["worked"]), over)
