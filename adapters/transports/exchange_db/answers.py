"""Learns what the department did: takes its unread rows into numbered batches and reads a batch again at will.

Rows are found by their state, never by a highest id: a row that was committed late is
still unread and gets into a later batch. A cursor is the number of the last batch read.
"""

# ruff: noqa: SIM300 - it takes column names in capitals for constants

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from workbench.api import BrokenPromise, Outcome

from ..parts import LOCAL, proof_of
from .codec import RowCodec
from .tables import READ, TAKEN, UNREAD, Tables

#: Answers taken into one batch.
AT_ONCE = 200


@dataclass(slots=True)
class Answers:
    """Both tables, read with one codec."""

    tables: Tables
    codec: RowCodec
    #: Rows found at the last look that could not be read, by their UNID; they stay unread.
    broken: list[str] = field(default_factory=list)

    def number_new(self, connection: sa.Connection, after: int) -> None:
        """Give everything new the next batch number. One collector at a time, as the delivery room has it."""
        reports, answers = self.tables.reports.c, self.tables.answers.c
        number = f"{max(after, self._last(connection)) + 1:012}"
        readable = self._readable(connection)  # first: whatever is answered by now is among those taken below
        taken = sa.and_(reports.REC_FLAG == TAKEN, reports.BY1.is_not(None), reports.BY2.is_(None))
        connection.execute(sa.update(self.tables.reports).where(taken).values(BY2=number))
        if readable:
            chosen = sa.update(self.tables.answers).where(answers.UNID.in_(readable))
            connection.execute(chosen.values(SYNC_STATUS=READ, BATCHNO=number))

    def _last(self, connection: sa.Connection) -> int:
        reports, answers = self.tables.reports.c, self.tables.answers.c
        newest = connection.scalar(sa.select(sa.func.max(reports.BY2)).where(reports.BY1.is_not(None)))
        newest_answer = connection.scalar(sa.select(sa.func.max(answers.BATCHNO)).where(*self._read_by_us))
        return max(int(newest or 0), int(newest_answer or 0))

    @property
    def _is_ours(self) -> sa.ColumnElement[bool]:
        """Answers to reports with a parcel key; the tables may be shared with other senders."""
        reports = self.tables.reports.c
        return self.tables.answers.c.PROJID.in_(sa.select(reports.SBLSH).where(reports.BY1.is_not(None)))

    @property
    def _read_by_us(self) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        return self.tables.answers.c.SYNC_STATUS == READ, self._is_ours

    def _readable(self, connection: sa.Connection) -> list[str]:
        answers = self.tables.answers.c
        unread = sa.select(self.tables.answers).where(answers.SYNC_STATUS.in_(UNREAD), self._is_ours)
        readable: list[str] = []
        self.broken = []
        for row in rows(connection, unread.order_by(answers.UNID)):
            try:
                self.codec.decode_outcomes(row)
            except BrokenPromise:
                self.broken.append(str(row["UNID"]))
            else:
                readable.append(row["UNID"])
        return readable[:AT_ONCE]

    def next_batch(self, connection: sa.Connection, after: int) -> tuple[int, list[Outcome]]:
        """Read the first batch after this one; the number stays where it is when there is none."""
        reports, answers = self.tables.reports.c, self.tables.answers.c
        mark = f"{after:012}"
        later = reports.BY1.is_not(None), reports.BY2 > mark
        first = connection.scalar(sa.select(sa.func.min(reports.BY2)).where(*later))
        query = sa.select(sa.func.min(answers.BATCHNO)).where(*self._read_by_us, answers.BATCHNO > mark)
        first_answer = connection.scalar(query)
        numbers = [number for number in (first, first_answer) if number]
        if not numbers:
            return after, []
        return int(min(numbers)), self._read(connection, min(numbers))

    def _read(self, connection: sa.Connection, number: str) -> list[Outcome]:
        reports, answers = self.tables.reports, self.tables.answers
        taken = sa.select(reports).where(reports.c.BY2 == number).order_by(reports.c.BY1)
        outcomes = [_was_taken(row) for row in rows(connection, taken)]
        chosen = sa.select(answers).where(*self._read_by_us, answers.c.BATCHNO == number)
        for row in rows(connection, chosen.order_by(answers.c.UNID)):
            key = self._key(connection, row)
            outcomes += [replace(outcome, key=key, proof=proof_of(row)) for outcome in self.codec.decode_outcomes(row)]
        return outcomes

    def _key(self, connection: sa.Connection, row: Mapping[str, Any]) -> str:
        """Find the parcel an answer is about: the version it names, else the newest that was taken."""
        reports = self.tables.reports.c
        version = self.codec.answered_version(row)
        named = reports.VERSION == version if version is not None else reports.REC_FLAG == TAKEN
        query = sa.select(reports.BY1).where(reports.SBLSH == row["PROJID"], named)
        return str(connection.scalar(query.order_by(reports.VERSION.desc()).limit(1)) or "")

    def answer_to(self, connection: sa.Connection, serial: str, key: str) -> Outcome | None:
        """Find the newest readable answer to one parcel."""
        answers = self.tables.answers
        query = sa.select(answers).where(answers.c.PROJID == serial, answers.c.SYNC_STATUS.in_((*UNREAD, READ)))
        for row in rows(connection, query.order_by(answers.c.UNID.desc())):
            try:
                if self._key(connection, row) == key:
                    return replace(self.codec.decode_outcomes(row)[-1], proof=proof_of(row))
            except BrokenPromise:
                continue
        return None


def rows(connection: sa.Connection, query: sa.Select[Any]) -> list[dict[str, Any]]:
    """Read rows by column name."""
    return [{str(name): value for name, value in row.items()} for row in connection.execute(query).mappings()]


def from_local(at: datetime | None) -> datetime | None:
    """Read a wall-clock time of the exchange database as UTC."""
    return at.replace(tzinfo=LOCAL).astimezone(UTC) if at else None


def _was_taken(row: Mapping[str, Any]) -> Outcome:
    return Outcome(
        key=row["BY1"],
        status="accepted",
        at=from_local(row["RESPONSETIME"]),
        text="对方已取走申报数据",
        raw_status=f"REC_FLAG={row['REC_FLAG']}",
        proof=proof_of({name: row[name] for name in ("SBLSH", "VERSION", "REC_FLAG", "RESPONSETIME")}),
        message_id=f"{row['SBLSH']}:{row['VERSION']}:taken",
    )
