"""The numbered list of what a pretend department said: one line per state of each matter.

Asking from the same number gives the same answer, whatever happened in between.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from .department import DepartmentHome, Entry


@dataclass(frozen=True, slots=True)
class Change:
    """One matter reached one state."""

    number: int
    at: float
    status: str
    entry: Entry


class ChangeList:
    """Changes of one department, kept in its home folder.

    `due` is called first each time: it decides what is due.
    """

    def __init__(self, home: DepartmentHome, due: Callable[[], None] | None = None) -> None:
        self.home = home
        self.due = due or home.decide_due
        with closing(self._open()) as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS change (number INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT, "
                "status TEXT, at REAL, UNIQUE (reference, status))"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.home.folder / "changes.db", timeout=60, isolation_level=None)

    def since(self, number: int, limit: int = 100) -> list[Change]:
        """Give at most `limit` changes after this number, oldest first."""
        self._note()
        with closing(self._open()) as db:
            rows = db.execute(
                "SELECT number, at, status, reference FROM change WHERE number > ? ORDER BY number LIMIT ?",
                (number, limit),
            ).fetchall()
        entries = ((row, self.home.by_reference(row[3])) for row in rows)
        return [Change(number, at, status, entry) for (number, at, status, _), entry in entries if entry]

    def _note(self) -> None:
        if self.home.faults().get("tells_nothing"):
            return
        self.due()
        with closing(self._open()) as db:
            known = set(db.execute("SELECT reference, status FROM change").fetchall())
            fresh = [(*state, time.time()) for state in self.home.states() if state not in known]
            if fresh:
                db.execute("BEGIN IMMEDIATE")
                db.executemany("INSERT OR IGNORE INTO change (reference, status, at) VALUES (?, ?, ?)", fresh)
                db.execute("COMMIT")
