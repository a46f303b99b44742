"""What every pretend department shares: a home folder, a ledger, fault switches, decisions.

A pretend department is a separate program that speaks its real protocol on loopback.
Its module offers `serve(home)`, which blocks; `workbench departments` runs each one in
a process of its own. Everything it knows lives in its home folder, so it survives a kill.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .ports import free_port

#: Seconds until a pretend department decides a matter it took.
DECIDES_AFTER = "WORKBENCH_DEPARTMENT_DECIDES_AFTER"


@dataclass(frozen=True, slots=True)
class Entry:
    """One matter in the department's own books."""

    key: str
    case_no: str
    reference: str
    operation: str
    status: str  # accepted, granted, refused, correction
    taken_at: float
    decide_at: float
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assigned:
    """One task the department put on a hub."""

    reference: str
    hub: str
    kind: str = "other"
    title: str = ""
    due: str = ""  # as in 2026-11-22
    id_no: str = ""
    note: str = ""
    number: int = 0
    result: str = ""  # done, returned


class DepartmentHome:
    """The folder of one pretend department: books, ledger, faults, address."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.folder = folder
        self.platform = platform
        folder.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS entry (key TEXT NOT NULL, operation TEXT NOT NULL, case_no TEXT, "
                "reference TEXT UNIQUE, status TEXT, taken_at REAL, decide_at REAL, message TEXT, "
                "PRIMARY KEY (key, operation))"
            )
            db.execute(
                "CREATE TABLE IF NOT EXISTS task (number INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT UNIQUE, "
                "hub TEXT, kind TEXT, title TEXT, due TEXT, id_no TEXT, note TEXT, result TEXT DEFAULT '')"
            )
            self._strike_out_unfinished(db)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.folder / "books.db", timeout=60, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        return db

    @property
    def decides_after(self) -> float:
        """Seconds from taking a matter to deciding it."""
        return float(os.environ.get(DECIDES_AFTER, "5"))

    def faults(self) -> dict[str, Any]:
        """Read the fault switches, each time anew, so that they can be turned while it runs.

        Known switches: see `FAULTS` of each department; an absent file means none. Any department
        knows `forgets_keys`: a parcel that comes again is entered in the ledger again. Those with a list of
        changes know `tells_nothing`: it grows by nothing.
        """
        try:
            return dict(json.loads((self.folder / "faults.json").read_text("utf-8")))
        except (FileNotFoundError, ValueError):
            return {}

    def last_port(self) -> int:
        """Give the port used before, so that a restart comes back at the same address; the first time a free one."""
        try:
            return int((self.folder / "port").read_text())
        except (FileNotFoundError, ValueError):
            return free_port()  # none the system lends to a connection while the department is away

    def announce(self, settings: Mapping[str, Any], port: int = 0) -> None:
        """Say that the department listens, and which settings reach it (keys of its platform.toml)."""
        if port:
            (self.folder / "port").write_text(str(port))
        partial = self.folder / "address.json.part"
        partial.write_text(json.dumps({"pid": os.getpid(), "settings": dict(settings)}, ensure_ascii=False))
        partial.replace(self.folder / "address.json")

    def take(
        self, key: str, case_no: str, operation: str, message: Mapping[str, Any], *, prefix: str, decide: bool = True
    ) -> tuple[Entry, bool]:
        """Enter a matter in the books once and append it to the ledger; returns it and whether it was new.

        `decide=False` keeps it open until `decide` is called for it (say, after an opinion).
        """
        now = time.time()
        with closing(self._open()) as db:
            db.execute("BEGIN IMMEDIATE")
            found = self._find(db, "key = ? AND operation = ?", (key, operation))
            if found:
                db.execute("ROLLBACK")
                if self.faults().get("forgets_keys"):  # a department that would enter it again, and does
                    self._append(key, case_no, operation, found.reference, "")
                return found, False
            (count,) = db.execute("SELECT COUNT(*) FROM entry").fetchone()
            reference = f"{prefix}{datetime.now(UTC):%Y%m%d}{count + 1:06d}"
            text = json.dumps(dict(message), ensure_ascii=False, default=str)
            decide_at = now + self.decides_after if decide else 0.0
            db.execute(
                "INSERT INTO entry VALUES (?, ?, ?, ?, 'accepted', ?, ?, ?)",
                (key, operation, case_no, reference, now, decide_at, text),
            )
            self._append(key, case_no, operation, reference, text)
            db.execute("COMMIT")
        return Entry(key, case_no, reference, operation, "accepted", now, decide_at, message), True

    def _append(self, key: str, case_no: str, operation: str, reference: str, text: str) -> None:
        line = {
            "key": key,
            "case_no": case_no,
            "operation": operation,
            "reference": reference,
            "at": datetime.now(UTC).isoformat(),
            "digest": hashlib.sha256(text.encode()).hexdigest(),
        }
        with (self.folder / "ledger.jsonl").open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(line, ensure_ascii=False) + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())

    def _strike_out_unfinished(self, db: sqlite3.Connection) -> None:
        """Take the last line out of the ledger when the department died before its books were closed on it."""
        ledger = self.folder / "ledger.jsonl"
        db.execute("BEGIN IMMEDIATE")  # nobody is entering anything now
        lines = ledger.read_bytes().splitlines(keepends=True) if ledger.exists() else []
        if lines and not self._is_entered(db, lines[-1]):
            partial = ledger.with_suffix(".part")
            partial.write_bytes(b"".join(lines[:-1]))
            partial.replace(ledger)
        db.execute("ROLLBACK")

    def _is_entered(self, db: sqlite3.Connection, text: bytes) -> bool:
        try:
            line = json.loads(text)
        except ValueError:  # it died within the line
            return False
        return self._find(db, "key = ? AND operation = ?", (line["key"], line["operation"])) is not None

    def find(self, key: str, operation: str | None = None) -> Entry | None:
        """Look a parcel key up in the books."""
        where, values = ("key = ?", (key,)) if operation is None else ("key = ? AND operation = ?", (key, operation))
        with closing(self._open()) as db:
            return self._find(db, where, values)

    def by_reference(self, reference: str) -> Entry | None:
        """Look the department's own number up in the books."""
        with closing(self._open()) as db:
            return self._find(db, "reference = ?", (reference,))

    def by_case(self, case_no: str, operation: str) -> Entry | None:
        """Look up the first matter of a case."""
        with closing(self._open()) as db:
            return self._find(db, "case_no = ? AND operation = ?", (case_no, operation))

    def states(self) -> list[tuple[str, str]]:
        """Give reference and status of every matter, in the order of taking."""
        with closing(self._open()) as db:
            return list(db.execute("SELECT reference, status FROM entry ORDER BY taken_at, rowid").fetchall())

    def decide(self, key: str, status: str) -> None:
        """Set the state of a matter by hand: granted, refused, correction, accepted."""
        with closing(self._open()) as db:
            db.execute("UPDATE entry SET status = ?, decide_at = 0 WHERE key = ?", (status, key))

    def decide_due(self) -> None:
        """Decide what is due: granted, unless the faults file says `refuse` or `correction` (lists of case numbers)."""
        with closing(self._open()) as db:
            rows = db.execute(
                "SELECT key, operation, case_no FROM entry "
                "WHERE status = 'accepted' AND decide_at > 0 AND decide_at <= ?",
                (time.time(),),
            ).fetchall()
            faults = self.faults()  # after the look: a switch turned before a matter came holds for it
            for key, operation, case_no in rows:
                status = "granted"
                if case_no in faults.get("refuse", ()):
                    status = "refused"
                elif case_no in faults.get("correction", ()):
                    status = "correction"
                db.execute(
                    "UPDATE entry SET status = ? WHERE key = ? AND operation = ? AND status = 'accepted'",
                    (status, key, operation),
                )

    def assign(self, task: "Assigned") -> None:
        """Assign a task to a hub; the same reference again changes nothing."""
        with closing(self._open()) as db:
            db.execute(
                "INSERT OR IGNORE INTO task (reference, hub, kind, title, due, id_no, note) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (task.reference, task.hub, task.kind, task.title, task.due, task.id_no, task.note),
            )

    def tasks_after(self, number: int, limit: int = 50) -> list["Assigned"]:
        """Give tasks in the order they were assigned, at most `limit` after a number."""
        names = "reference, hub, kind, title, due, id_no, note, number, result"
        with closing(self._open()) as db:
            rows = db.execute(
                f"SELECT {names} FROM task WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
            ).fetchall()
        return [Assigned(*row) for row in rows]

    def answer_task(self, reference: str, result: str) -> bool:
        """Write down how a task was answered; False for one that was never assigned."""
        with closing(self._open()) as db:
            return db.execute("UPDATE task SET result = ? WHERE reference = ?", (result, reference)).rowcount == 1

    def entries(self, operation: str | None = None) -> list[Entry]:
        """List the books in the order of taking."""
        with closing(self._open()) as db:
            rows = db.execute(
                "SELECT key, case_no, reference, operation, status, taken_at, decide_at, message FROM entry "
                "WHERE operation = COALESCE(?, operation) ORDER BY taken_at, rowid",
                (operation,),
            ).fetchall()
        return [self._entry(row) for row in rows]

    def _find(self, db: sqlite3.Connection, where: str, values: tuple[str, ...]) -> Entry | None:
        row = db.execute(
            f"SELECT key, case_no, reference, operation, status, taken_at, decide_at, message FROM entry WHERE {where}",
            values,
        ).fetchone()
        return self._entry(row) if row else None

    @staticmethod
    def _entry(row: tuple[Any, ...]) -> Entry:
        key, case_no, reference, operation, status, taken_at, decide_at, message = row
        return Entry(key, case_no, reference, operation, status, taken_at, decide_at, json.loads(message))
