"""The two tables of an exchange database, as far as the protocol is concerned.

Reports are ours: one row per SBLSH and VERSION. REC_FLAG is 9 while we write, 0 when ready,
1 once the department took it. BY1 and BY2 are spare columns left to the sender: the parcel
key, and the batch in which we learnt that the row was taken. Answers are theirs: SYNC_STATUS
is I or U while unread; the reader sets S and its batch number in BATCHNO.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import TableClause

from workbench.api import NeedsSettings

BEING_WRITTEN, READY, TAKEN = 9, 0, 1
UNREAD, READ = ("I", "U"), "S"

#: Reports and answers, as most departments call them; a codec that knows others says so in `TABLES`.
USUAL_NAMES = ("EX_GDBS_SB", "PRE_TRANSACT")
REPORT_STATE: dict[str, sa.types.TypeEngine[Any]] = {
    "SBLSH": sa.String(),
    "VERSION": sa.Integer(),
    "REC_FLAG": sa.Integer(),
    "INSERTTIME": sa.DateTime(),
    "RESPONSETIME": sa.DateTime(),
    "BY1": sa.String(),
    "BY2": sa.String(),
    "BZ": sa.String(),
}
ANSWER_COLUMNS = (
    "UNID", "PROJID", "NODECODE", "NODENAME", "SYNC_STATUS", "DATAVERSION", "AREACODE", "BATCHNO", "CTRTIME", "EXTEND",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """Both tables, under the names they have at one department."""

    reports: TableClause
    answers: TableClause


def name_tables(prefix: str, report_columns: Iterable[str], named: tuple[str, str] = USUAL_NAMES) -> Tables:
    """Name the tables; the prefix may hold a schema ("front.HUB_"). Raises NeedsSettings for anything else."""
    if not re.fullmatch(r"(\w+\.)?\w*", prefix, re.ASCII):
        raise NeedsSettings("the table prefix holds characters that no table name has")
    state = [sa.column(_unquoted(name), kind) for name, kind in REPORT_STATE.items()]
    content = [sa.column(_unquoted(name), sa.String()) for name in report_columns if name not in REPORT_STATE]
    answers = [sa.column(_unquoted(name), sa.String()) for name in ANSWER_COLUMNS]
    return Tables(
        sa.table(_unquoted(f"{prefix}{named[0]}"), *state, *content),
        sa.table(_unquoted(f"{prefix}{named[1]}"), *answers),
    )


def _unquoted(name: str) -> sa.quoted_name:
    # Departments create their tables without quotes, so each database folds the case in its own way.
    return sa.quoted_name(name, quote=False)
