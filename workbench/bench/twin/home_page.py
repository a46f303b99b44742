"""The home page by hand: its lists, and the short answer while nothing has changed."""

import hashlib
from datetime import UTC, date, datetime, time
from typing import Any

from flask import Response, make_response, render_template, request

from ...cases.clock import judge
from ...cases.moves import OPEN_STATES
from ...cases.propose import PROPOSED_TO
from ...store.clock import SHANGHAI, local
from .database import Database
from .duties import Caller, Duties, read_stamp, stamp
from .frame import frame
from .matter import Matter, today
from .waiting import STANDS, waiting

COLUMNS = (
    "c.id, c.case_no, c.title_zh, c.person_id, p.name, c.state, c.result, c.reference, c.accepted_at, c.due_on, "
    "c.updated_at"
)
LIST = f"SELECT {COLUMNS} FROM cases c JOIN person p ON p.id = c.person_id WHERE c.owner_id = ? AND c.hub_id = ? "
OPEN = LIST + ("AND c.state IN (?, ?, ?, ?, ?) ORDER BY coalesce(c.due_on, '9999-12-31'), c.id LIMIT 21")
RECENT = LIST + "AND c.state IN ({}) ORDER BY c.updated_at DESC, c.id LIMIT {}"
COUNTS = (
    "SELECT coalesce(sum(accepted_at >= ?), 0), coalesce(sum(state IN (?, ?, ?, ?, ?)), 0), "
    "coalesce(sum(state IN (?, ?, ?, ?, ?) AND due_on < ?), 0), coalesce(sum(concluded_at >= ?), 0), "
    "(SELECT count(DISTINCT o.case_id) FROM proposal o JOIN cases c ON c.id = o.case_id WHERE o.hub_id = ? "
    f"AND o.state = 'open' AND c.owner_id = ? AND c.state IN {PROPOSED_TO}), "
    "(SELECT count(*) FROM (SELECT 1 FROM agenda WHERE hub_id = ? AND state = 'open' "
    f"AND kind IN ('entitled', 'automatic') AND {STANDS} LIMIT 1001)) "
    "FROM cases WHERE owner_id = ? AND hub_id = ?"
)
STOPPED = (
    "SELECT d.id, d.case_id, d.case_no, d.item_title, d.platform_id, d.reason FROM delivery d "
    "JOIN cases c ON c.id = d.case_id WHERE c.owner_id = ? AND d.hub_id = ? AND d.state = 'needs-people' "
    "AND d.reason IN ('rekey', 'outcome-unknown') ORDER BY d.updated_at, d.id LIMIT 20"
)
#: Changes with every change of a list.
VERSION = (
    "SELECT count(*), sum(version), max(updated_at) FROM cases WHERE owner_id = ? AND hub_id = ? AND state IN "
    "('draft', 'accepted', 'correction', 'reviewing', 'suspended', 'decided', 'returned', 'concluded')"
)
STOPS = (
    "SELECT count(*), sum(d.fence), max(d.updated_at) FROM delivery d JOIN cases c ON c.id = d.case_id "
    "WHERE c.owner_id = ? AND c.hub_id = ? AND d.state = 'needs-people'"
)
DUE = {"none": "无期限", "normal": "期限内", "yellow": "将到期", "red": "即将到期", "overdue": "已逾期"}

#: (worker, hub) -> the mark of the lists shown there, and the version they were read at.
_shown: dict[tuple[str, str], tuple[str, Any]] = {}


def show(database: Database, duties: Duties, matter: Matter, caller: Caller) -> Response:
    """Draw the lists, or answer 304."""
    with database.reading():
        who = (caller.worker.id, caller.hub_id)
        is_poll = request.headers.get("HX-Request")
        version = database.one(VERSION, who) + database.one(STOPS, who) if is_poll else None
        known = _shown.get(who) if version else None
        if known and known[1] == version and request.if_none_match.contains_weak(known[0]):
            response = Response(status=304)
            response.set_etag(known[0], weak=True)
            return response
        lists = _read(database, matter, caller)
        mark = hashlib.sha256(repr(lists).encode()).hexdigest()[:24]
        if version:
            _shown[who] = mark, version
        if request.if_none_match.contains_weak(mark):
            response = Response(status=304)
            response.set_etag(mark, weak=True)
            return response
        framed = frame(database, matter, caller)
    response = make_response(render_template("home.html", **lists, **framed, mark=mark))
    response.set_etag(mark, weak=True)
    rows = [*lists["cases"], *lists["corrections"], *lists["decisions"]]
    duties.look(caller, "home.home", people=list(dict.fromkeys(row["person_id"] for row in rows)))
    return response


def _read(database: Database, matter: Matter, caller: Caller) -> dict[str, Any]:
    day, who = today(), (caller.worker.id, caller.hub_id)
    morning = stamp(datetime.combine(day, time(), SHANGHAI).astimezone(UTC))
    here = caller.hub_id
    counted = (morning, *OPEN_STATES, *OPEN_STATES, day.isoformat(), morning, here, caller.worker.id, here, *who)
    cases = database.all(OPEN, (*who, *OPEN_STATES))
    corrections = database.all(RECENT.format("'correction', 'returned'", 20), who)
    decisions = database.all(RECENT.format("'concluded'", 10), who)
    return {
        "offered": waiting(database, matter, caller),
        "counts": database.one(COUNTS, counted),
        "cases": [_row(matter, row, day) for row in cases[:20]],
        "more": cases[19] if len(cases) > 20 else None,
        "corrections": [_row(matter, row, day) for row in corrections],
        "decisions": [_row(matter, row, day) for row in decisions],
        "stopped": database.all(STOPPED, who),
    }


def _row(matter: Matter, row: Any, day: date) -> dict[str, Any]:
    accepted = local(read_stamp(row[8])).date() if row[8] else None
    due = judge(accepted, date.fromisoformat(row[9]) if row[9] else None, day, matter.calendar, row[5] in OPEN_STATES)
    words = (
        f"超 {-due.left} 个工作日" if due.level == "overdue" else "今天" if due.left == 0 else f"剩 {due.left} 个工作日"
    )
    return {
        "id": row[0],
        "number": row[1] or "",
        "title": row[2],
        "person_id": row[3],
        "person": row[4],
        "state": row[5],
        "reference": row[7],
        "level": due.level,
        "due": DUE[due.level] + ("" if due.level == "none" else f" {words}"),
        "changed": row[10][:16],
    }
