"""A declared department behind exchange tables: takes reports that are ready, answers in its own table."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from .. import table_server
from ..department import DepartmentHome, Entry
from .shape import WORDS, Shape, put

FAULTS = table_server.FAULTS | {
    "never_taken": "REC_FLAG stays 0",
    "no_result": "reports are taken and never answered",
    "odd_dates": 'times of answers are "1970-1-2 0.0.0.0"',
    "half_row": "answers arrive with half of EXTEND; the rest follows once the switch is off",
    "garbage": "answers hold no known code; they are put right once the switch is off",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}
STATE = {
    "SBLSH": "VARCHAR(64) NOT NULL", "VERSION": "INTEGER NOT NULL", "REC_FLAG": "INTEGER NOT NULL",
    "INSERTTIME": "TIMESTAMP NULL", "RESPONSETIME": "TIMESTAMP NULL", "BZ": "VARCHAR(500)", "BY1": "VARCHAR(64)",
    "BY2": "VARCHAR(64)",
}  # fmt: skip
ANSWERS = """CREATE TABLE IF NOT EXISTS {name} (
  UNID VARCHAR(64) NOT NULL PRIMARY KEY, PROJID VARCHAR(64), NODECODE VARCHAR(40), NODENAME VARCHAR(40),
  SYNC_STATUS VARCHAR(1), DATAVERSION VARCHAR(10), AREACODE VARCHAR(12), BATCHNO VARCHAR(20), CTRTIME VARCHAR(30),
  EXTEND TEXT){ending}"""


class Office:
    """The department's job that runs over the tables."""

    def __init__(self, home: DepartmentHome, shape: Shape, engine: sa.Engine) -> None:
        self.home = home
        self.shape = shape
        self.engine = engine
        self.reports, self.answers = shape.declared.tables.reports, shape.declared.tables.answers
        #: Matters not answered for good, by parcel key.
        self.open = {entry.key: entry for entry in home.entries()}

    def create_tables(self) -> None:
        """Create the tables; twice is harmless."""
        is_mysql = self.engine.dialect.name == "mysql"
        ending = f" ENGINE=InnoDB DEFAULT CHARACTER SET {self._charset()}" if is_mysql else ""
        pushes = self.shape.declared.push.values()
        own = [field.theirs for field in self.shape.fields] + [n for p in pushes for n in (p.rest, p.files) if n]
        columns = [f"{name} TEXT" for name in dict.fromkeys(own) if name not in STATE]
        columns += [f"{name} {kind}" for name, kind in STATE.items()]
        reports = f"CREATE TABLE IF NOT EXISTS {self.reports} ({', '.join(columns)}, PRIMARY KEY (SBLSH, VERSION))"
        with self.engine.begin() as connection:
            connection.exec_driver_sql(reports + ending)
            connection.exec_driver_sql(ANSWERS.format(name=self.answers, ending=ending))

    def _charset(self) -> str:
        return {"utf-8": "utf8mb4", "gb18030": "gbk"}.get(self.shape.platform.charset, self.shape.platform.charset)

    def process(self) -> None:
        """Take what is ready and answer what is decided, as the faults file allows."""
        waits = f"SELECT * FROM {self.reports} WHERE REC_FLAG = 0 ORDER BY INSERTTIME, SBLSH, VERSION"
        with self.engine.begin() as connection:
            waiting = connection.execute(sa.text(waits)).mappings().all()
            faults = self.home.faults()  # after the look: a switch turned before a report came holds for it
            if not faults.get("never_taken"):
                self._take(connection, waiting)
            answered = []
            if not faults.get("no_result"):
                self.home.decide_due()
                answered = [key for key in self.open if self._answer(connection, key, faults)]
        for key in answered:  # only now: an answer that could not be kept is written again
            del self.open[key]

    def _take(self, connection: sa.Connection, waiting: Sequence[sa.RowMapping]) -> None:
        taken = (
            f"UPDATE {self.reports} SET REC_FLAG = 1, RESPONSETIME = :at WHERE SBLSH = :serial AND VERSION = :version"
        )
        for found in waiting:
            row = {str(name).upper(): value for name, value in found.items()}
            key = row["BY1"] or f"{row['SBLSH']}.{row['VERSION']}"
            self.open[key], _ = self.home.take(key, row["SBLSH"], "apply", row, prefix=self.shape.declared.prefix)
            values = {"at": _now(), "serial": row["SBLSH"], "version": row["VERSION"]}
            connection.execute(sa.text(taken), values)

    def _answer(self, connection: sa.Connection, key: str, faults: Mapping[str, Any]) -> bool:
        """Write the answer to a decided matter; true once it is whole."""
        entry = self.home.find(key)
        if entry is None or entry.status == "accepted":
            return False
        row, is_whole = self._row(entry, faults), not (faults.get("half_row") or faults.get("garbage"))
        named = ", ".join(row)
        update = ", ".join(f"{name} = :{name}" for name in row if name != "UNID")
        held = connection.execute(sa.text(f"SELECT UNID FROM {self.answers} WHERE UNID = :UNID"), row).scalar()
        insert = f"INSERT INTO {self.answers} ({named}) VALUES ({', '.join(f':{name}' for name in row)})"
        if held is None:
            connection.execute(sa.text(insert), row)
        elif is_whole:
            connection.execute(sa.text(f"UPDATE {self.answers} SET {update} WHERE UNID = :UNID"), row)
        return is_whole

    def _row(self, entry: Entry, faults: Mapping[str, Any]) -> dict[str, Any]:
        where, now = self.shape.declared.collect, _now()
        row: dict[str, Any] = {"UNID": entry.reference, "PROJID": entry.case_no, "NODECODE": "", "NODENAME": ""}
        row |= {"SYNC_STATUS": "I", "DATAVERSION": "1", "AREACODE": "", "CTRTIME": "", "EXTEND": {}}
        if where is not None:
            put(row, where.reference, entry.reference)
            put(row, where.status, self.shape.status(entry.status))
            put(row, where.text, WORDS[entry.status])
            put(row, where.version, str(entry.message["VERSION"]))
            put(row, where.field, self.shape.field_to_correct() if entry.status == "correction" else "")
            odd = "1970-1-2 0.0.0.0"
            put(row, where.at, odd if faults.get("odd_dates") else now.strftime(self.shape.declared.times))
        if faults.get("garbage") and where is not None:
            put(row, where.status, "锟斤拷")
        extend = json.dumps(row["EXTEND"], ensure_ascii=False)
        row["EXTEND"] = extend[: len(extend) // 2] if faults.get("half_row") else extend
        return row


def _now() -> datetime:
    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None, microsecond=0)


def serve(home: DepartmentHome, shape: Shape) -> None:
    """Work on the exchange database until the process is ended."""

    def open_office(engine: sa.Engine) -> Callable[[], None]:
        office = Office(home, shape, engine)
        office.create_tables()
        return office.process

    names = (shape.declared.tables.reports, shape.declared.tables.answers)
    table_server.serve_tables(home, names, open_office, lambda known: shape.settings(home, known))
