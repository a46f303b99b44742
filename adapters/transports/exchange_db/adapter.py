"""The adapter for exchange databases: what the delivery room asks, in terms of rows."""

# ruff: noqa: SIM300 - it takes column names in capitals for constants

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from workbench.api import (
    AdapterError,
    Batch,
    BrokenPromise,
    Capability,
    Health,
    NeedsSettings,
    Parcel,
    Question,
    Receipt,
    Refused,
    Task,
)
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Answer

from ..charset import Spelling
from ..parts import LOCAL, proof_of
from .answers import Answers, from_local, rows
from .codec import RowCodec
from .database import Database
from .tables import BEING_WRITTEN, READY, USUAL_NAMES, Tables, name_tables


def make_adapter(platform: PlatformManifest, settings: Mapping[str, Any], codec: RowCodec) -> "ExchangeAdapter":
    """Build the adapter of one platform that is reached through a database."""
    return ExchangeAdapter(platform, settings, codec)


class ExchangeAdapter:
    """Inserts one row per parcel, and reads the department's rows by their state."""

    def __init__(self, platform: PlatformManifest, settings: Mapping[str, Any], codec: RowCodec) -> None:
        self.capabilities = frozenset(Capability(name) for name in platform.capabilities)
        self.platform = platform
        defaults = {setting.key: setting.default for setting in platform.settings if setting.default}
        self.settings = defaults | {key: value for key, value in settings.items() if value not in ("", None)}
        self.codec = codec
        self.spelling = Spelling(platform.charset, platform.rare_characters)
        self._database: Database | None = None

    @cached_property
    def tables(self) -> Tables:
        """Both tables, under their names at this department."""
        prefix, named = str(self.settings.get("table_prefix", "")), getattr(self.codec, "TABLES", USUAL_NAMES)
        return name_tables(prefix, self.codec.FIELDS, named)

    @property
    def database(self) -> Database:
        """The exchange database, opened at first use. Raises NeedsSettings without an address."""
        if "database_url" not in self.settings:
            raise NeedsSettings("settings missing: database_url")
        if self._database is None:
            self._database = Database(str(self.settings["database_url"]), self.platform.limits.timeout_seconds)
        return self._database

    def check(self) -> Health:
        """Read from both tables; reports not taken for `stale_minutes` make it degraded."""
        began, now = time.monotonic(), datetime.now(UTC)
        if "database_url" not in self.settings:
            return Health("unconfigured", "settings missing: database_url", at=now)
        try:
            waiting, detail = self._waiting(now), ""
        except AdapterError as error:
            return Health("down", error.text, _ms(began), now)
        if waiting:
            detail = f"{waiting} reports not taken for {self.settings['stale_minutes']} minutes"
        return Health("degraded" if waiting else "up", detail, _ms(began), now)

    def _waiting(self, now: datetime) -> int:
        reports = self.tables.reports.c
        oldest = _wall_clock(now) - timedelta(minutes=self._stale_minutes())
        stale = sa.and_(reports.REC_FLAG == READY, reports.BY1.is_not(None), reports.INSERTTIME <= oldest)
        with self.database.reading() as connection:
            connection.execute(sa.select(self.tables.answers).limit(0))
            count = connection.scalar(sa.select(sa.func.count()).select_from(self.tables.reports).where(stale))
        return int(count or 0)

    def _stale_minutes(self) -> int:
        try:
            return int(self.settings["stale_minutes"])
        except ValueError as error:
            raise NeedsSettings("the setting stale_minutes is not a whole number") from error

    def push(self, parcel: Parcel) -> Receipt:
        """Insert the report in one transaction, ready flag last; a new parcel of the same case is its next version."""
        row, note = self.spelling.fit(self.codec.encode(parcel), self.codec.FIELDS)
        try:
            with self.database.writing() as connection:
                held = self._finish_or_insert(connection, parcel, row | {"BZ": note})
        except Refused as refused:
            # The database names its column; the worker knows the field.
            field = self.codec.FIELDS.get(refused.field or "", refused.field)
            raise Refused(refused.text, refused.code, field or None) from None
        if held and (found := self.find(parcel.key)):
            # Without a number yet it is no more than queued, however often it was sent.
            return replace(found, state="duplicate") if found.reference else found
        return Receipt("queued", at=datetime.now(UTC))

    def _finish_or_insert(self, connection: sa.Connection, parcel: Parcel, row: dict[str, str]) -> bool:
        """Make sure that the row is there and ready; tell whether it was there before."""
        reports = self.tables.reports
        mine = reports.c.BY1 == parcel.key
        held = connection.scalar(sa.select(sa.func.count()).select_from(reports).where(mine))
        if not held:
            state = {"SBLSH": parcel.case_no, "VERSION": self._next_version(connection, parcel.case_no)}
            state |= {"REC_FLAG": BEING_WRITTEN, "INSERTTIME": _wall_clock(datetime.now(UTC)), "BY1": parcel.key}
            connection.execute(sa.insert(reports).values(row | state))
        # Last of all, and by itself: some departments' tables know no transactions.
        unready = mine & (reports.c.REC_FLAG == BEING_WRITTEN)
        connection.execute(sa.update(reports).where(unready).values(REC_FLAG=READY))
        return bool(held)

    def _next_version(self, connection: sa.Connection, serial: str) -> int:
        reports = self.tables.reports.c
        return int(connection.scalar(sa.select(sa.func.max(reports.VERSION)).where(reports.SBLSH == serial)) or 0) + 1

    def find(self, key: str) -> Receipt | None:
        """Look for our row, then for an answer to it. A row that never became ready was not handed over."""
        reports = self.tables.reports
        mine = sa.select(reports).where(reports.c.BY1 == key, reports.c.REC_FLAG != BEING_WRITTEN)
        with self.database.reading() as connection:
            found = rows(connection, mine)
            if not found:
                return None
            (row,) = found
            answer = Answers(self.tables, self.codec).answer_to(connection, row["SBLSH"], key)
        if answer and answer.reference:
            return Receipt("accepted", answer.reference, answer.at, answer.proof)
        states = ("SBLSH", "VERSION", "REC_FLAG", "RESPONSETIME")
        return Receipt("queued", "", from_local(row["INSERTTIME"]), proof_of({name: row[name] for name in states}))

    def collect(self, cursor: str) -> Batch:
        """Give the next batch of what was taken or answered.

        An answer that cannot be read is left unread and complained of once nothing else waits.
        """
        after = int(cursor or 0)
        answers = Answers(self.tables, self.codec)
        with self.database.writing() as connection:
            answers.number_new(connection, after)
            number, outcomes = answers.next_batch(connection, after)
            more = number != after and answers.next_batch(connection, number)[0] != number
        if answers.broken and not outcomes:
            raise BrokenPromise(f"{len(answers.broken)} answers cannot be read, first UNID {answers.broken[0]}")
        return Batch(tuple(outcomes), str(number) if number else "", more)

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        """Exchange tables answer no questions."""
        return ()

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        """Exchange tables assign no tasks."""
        return ()

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""
        if self._database is not None:
            self._database.close()
            self._database = None


def _wall_clock(at: datetime) -> datetime:
    return at.astimezone(LOCAL).replace(tzinfo=None)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
