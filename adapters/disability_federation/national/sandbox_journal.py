"""What changed in the pretend platform's books, with a serial number each; survives a restart."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from workbench.testing.department import DepartmentHome, Entry


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the list: from `at` on the matter was in this state."""

    serial: int
    entry: Entry
    status: str
    at: float


class Journal:
    """Notes every state a matter comes into, once, in the order in which it was noticed."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        with closing(self._open()) as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS change "
                "(serial INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT, status TEXT, at REAL)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.home.folder / "journal.db", timeout=60, isolation_level=None)

    def after(self, serial: int, count: int) -> list[Change]:
        """List at most so many changes after a serial number."""
        self.note()
        with closing(self._open()) as db:
            rows = db.execute(
                "SELECT serial, reference, status, at FROM change WHERE serial > ? ORDER BY serial LIMIT ?",
                (serial, count),
            ).fetchall()
        return list(self._changes(rows))

    def _changes(self, rows: list[tuple[int, str, str, float]]) -> Iterator[Change]:
        for serial, reference, status, at in rows:
            entry = self.home.by_reference(reference)
            if entry:
                yield Change(serial, entry, status, at)

    def note(self) -> None:
        """Decide what is due and write down every state that is new."""
        entries = self.home.entries()
        self.home.decide_due()
        entries += self.home.entries()
        with closing(self._open()) as db:
            db.execute("BEGIN IMMEDIATE")
            last = dict(db.execute("SELECT reference, status FROM change ORDER BY serial").fetchall())
            for entry in entries:
                if last.get(entry.reference) != entry.status:
                    at = entry.taken_at if entry.reference not in last else time.time()
                    last[entry.reference] = entry.status
                    values = (entry.reference, entry.status, at)
                    db.execute("INSERT INTO change (reference, status, at) VALUES (?, ?, ?)", values)
            db.execute("COMMIT")
