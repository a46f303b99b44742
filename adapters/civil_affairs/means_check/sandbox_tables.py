"""The pretend means-check centre's side of the exchange database: its tables, taking and answering.

It knows the tables from its own statements and shares no code with our side, so that a
mistake there cannot hide behind the same mistake here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from workbench.testing.department import DepartmentHome, Entry

REPORTS = """CREATE TABLE IF NOT EXISTS EX_GDBS_SB (
  SBLSH VARCHAR(64) NOT NULL, VERSION INTEGER NOT NULL, SXBM VARCHAR(36), SXMC VARCHAR(200), SQRMC VARCHAR(60),
  SQRZJLX VARCHAR(3), SQRZJHM VARCHAR(20), XZQHDM VARCHAR(12), XML_DATA TEXT, REC_FLAG INTEGER NOT NULL,
  INSERTTIME TIMESTAMP NULL, RESPONSETIME TIMESTAMP NULL, BZ VARCHAR(500), BY1 VARCHAR(64), BY2 VARCHAR(64),
  PRIMARY KEY (SBLSH, VERSION)){ending}"""
ANSWERS = """CREATE TABLE IF NOT EXISTS PRE_TRANSACT (
  UNID VARCHAR(64) NOT NULL PRIMARY KEY, PROJID VARCHAR(64), NODECODE VARCHAR(40), NODENAME VARCHAR(40),
  SYNC_STATUS VARCHAR(1), DATAVERSION VARCHAR(10), AREACODE VARCHAR(12), BATCHNO VARCHAR(20), CTRTIME VARCHAR(30),
  EXTEND TEXT){ending}"""
WAITING = "SELECT * FROM EX_GDBS_SB WHERE REC_FLAG = 0 ORDER BY INSERTTIME, SBLSH, VERSION"
TAKE = "UPDATE EX_GDBS_SB SET REC_FLAG = 1, RESPONSETIME = :at WHERE SBLSH = :serial AND VERSION = :version"
ANSWER = """INSERT INTO PRE_TRANSACT
  (UNID, PROJID, NODECODE, NODENAME, SYNC_STATUS, DATAVERSION, AREACODE, CTRTIME, EXTEND)
  VALUES (:unid, :projid, :code, :name, 'I', '1', :area, :at, :extend)"""
COMPLETE = "UPDATE PRE_TRANSACT SET EXTEND = :extend, NODECODE = :code, NODENAME = :name WHERE UNID = :unid"
DECISIONS = {
    "granted": ("10", "核对完成", "经核对,家庭经济状况与申报一致"),
    "refused": ("20", "不予核对", "未见核对授权书,不予核对"),
    "correction": ("30", "退回补正", "共同生活家庭成员证件号码有误,请补正后重报"),
}


class Centre:
    """The department's job that runs over the tables."""

    def __init__(self, home: DepartmentHome, engine: sa.Engine) -> None:
        self.home = home
        self.engine = engine
        #: Matters not answered for good, by parcel key.
        self.open = {entry.key: entry for entry in home.entries()}

    def create_tables(self) -> None:
        """Create the tables; twice is harmless. On MariaDB they are in GBK, as the real ones are."""
        ending = " ENGINE=InnoDB DEFAULT CHARACTER SET gbk" if self.engine.dialect.name == "mysql" else ""
        with self.engine.begin() as connection:
            for statement in (REPORTS, ANSWERS):
                connection.exec_driver_sql(statement.format(ending=ending))

    def process(self) -> None:
        """Take what is ready and answer what is decided, as the faults file allows."""
        with self.engine.begin() as connection:
            waiting = connection.execute(sa.text(WAITING)).mappings().all()
            faults = self.home.faults()  # after the look: a switch turned before a report came holds for it
            if not faults.get("never_taken"):
                self._take(connection, waiting)
            self.home.decide_due()
            answered = [] if faults.get("no_result") else self._answer(connection, faults)
        for key in answered:  # only now: an answer that could not be kept is written again
            del self.open[key]

    def _take(self, connection: sa.Connection, waiting: Sequence[sa.RowMapping]) -> None:
        for found in waiting:
            row = {str(name).upper(): value for name, value in found.items()}
            key = row["BY1"] or f"{row['SBLSH']}.{row['VERSION']}"
            self.open[key], _ = self.home.take(key, row["SBLSH"], "apply", row, prefix="HD")
            values = {"at": _now(), "serial": row["SBLSH"], "version": row["VERSION"]}
            connection.execute(sa.text(TAKE), values)

    def _answer(self, connection: sa.Connection, faults: dict[str, Any]) -> list[str]:
        entries = [entry for entry in map(self.home.find, self.open) if entry and entry.status in DECISIONS]
        return [entry.key for entry in entries if _put(connection, answer_row(entry, faults))]


def _put(connection: sa.Connection, row: dict[str, Any]) -> bool:
    """Write an answer, or the missing half of one; tell whether it is whole now."""
    whole = str(row["extend"]).endswith("</HDJG>")
    held = connection.execute(sa.text("SELECT EXTEND FROM PRE_TRANSACT WHERE UNID = :unid"), row).scalar()
    if held is None:
        connection.execute(sa.text(ANSWER), row)
    elif whole and not str(held).endswith("</HDJG>"):
        connection.execute(sa.text(COMPLETE), row)
    return whole


def answer_row(entry: Entry, faults: dict[str, Any]) -> dict[str, Any]:
    """Write the answer to one matter, as damaged as the faults want it."""
    code, name, words = DECISIONS[entry.status]
    now = _now()
    at = f"{now.year}-{now.month}-{now.day} {now.hour}.{now.minute}.{now.second}.0"
    version = entry.message["VERSION"]
    extend = f"<HDJG><VERSION>{version}</VERSION><HDBH>{entry.reference}</HDBH><YJ>{words}</YJ></HDJG>"
    if faults.get("half_row"):
        extend = extend[: len(extend) // 2]
    if faults.get("garbage"):
        code, name, extend = "??", "锟斤拷", "锟斤拷"
    if faults.get("swapped_columns"):
        code, name = name, f"{code} {name}"
    return {
        "unid": entry.reference,
        "projid": entry.case_no,
        "code": code,
        "name": name,
        "area": str(entry.message.get("XZQHDM") or "")[:6],
        "at": "1970-1-2 0.0.0.0" if faults.get("odd_dates") else at,
        "extend": extend,
    }


def _now() -> datetime:
    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None, microsecond=0)
