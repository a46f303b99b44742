"""The clerk of a declared department: takes, finds, lists and tells, whatever way the message came.

He answers with values by path; the way they travel back is the business of `rest` and `soap`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from ...api.declared import Ask, Collect, Find, Lookup, Push, Tasks
from ...api.parcels import TASK_ANSWER
from ..changes import Change, ChangeList
from ..department import Assigned, DepartmentHome, Entry
from .shape import WORDS, Shape, put

#: Faults of the books themselves, beside those of the wire.
FAULTS = {
    "error_in_200": "answers every message with an error code that means busy, inside HTTP 200",
    "closed_for_settlement": "says that nothing is taken until the settlement at the end of the month is over",
    "canned_success": "says done to every message, takes nothing and gives no number",
    "unknown_code": "answers a code its protocol does not list",
    "expired_credentials": "refuses every sign-on",
    "clock_skew_seconds": "its clock is off by so many seconds, so that signed times are refused",
    "rotate_secret": "any new value makes the tokens lent so far useless",
    "odd_dates": 'times of answers are "1970-1-2 0.0.0.0"',
    "wrong_type": "its number is a list where a text was promised",
    "huge_text": "its words are a megabyte long",
    "no_result": "matters are taken and never decided",
    "retired_items": "item codes it no longer takes",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Said:
    """What the clerk says: values by path, the code, and whether a matter went into the books."""

    tree: dict[str, Any]
    code: str
    took: bool = False


#: From what a message says, by the names of its map, and its raw text, to an answer.
Answer = Callable[[Mapping[str, Any], str], Said]


class Clerk:
    """One department's clerk over its books."""

    def __init__(self, home: DepartmentHome, shape: Shape) -> None:
        self.home = home
        self.shape = shape
        self.changes = ChangeList(home, self._decide)

    def services(self) -> "list[tuple[Ask, Answer]]":
        """Pair every declared question with what answers it."""
        declared = self.shape.declared
        services: list[tuple[Ask, Answer]] = [(p, partial(self.push, name, p)) for name, p in declared.push.items()]
        if declared.find:
            services.append((declared.find, partial(self.find, declared.find)))
        if declared.collect:
            services.append((declared.collect, partial(self.collect, declared.collect)))
        if declared.lookup:
            services.append((declared.lookup, partial(self.lookup, declared.lookup)))
        if declared.tasks:
            services.append((declared.tasks, partial(self.tasks, declared.tasks)))
        return [*services, (declared.check, self.live)] if declared.check else services

    def _decide(self) -> None:
        if not self.home.faults().get("no_result"):
            self.home.decide_due()

    def say(self, code: str, words: str = "", *, took: bool = False, field: str = "") -> Said:
        """Begin an answer."""
        answer, tree = self.shape.declared.answer, dict[str, Any]()
        put(tree, answer.code, code)
        put(tree, answer.text, "长" * 350_000 if self.home.faults().get("huge_text") else words)
        if field:
            put(tree, answer.field, field)
        return Said(tree, code, took)

    def live(self, said: Mapping[str, Any], raw: str) -> Said:
        """Give a sign of life."""
        return self.done()

    def done(self, *, took: bool = False) -> Said:
        """Begin an answer that says done."""
        return self.say(self.shape.declared.answer.done[0], "成功", took=took)

    def fail(self, recovery: str, words: str, field: str = "") -> Said:
        """Answer with a code of the error table."""
        return self.say(self.shape.code_for(recovery), words, field=field)

    def distrust(self) -> Said:
        """Refuse a sign-on."""
        return self.fail("needs_credentials", "身份验证失败或已过期")

    def trouble(self) -> Said | None:
        """Give the answer to any message while a fault of the books is on."""
        faults = self.home.faults()
        if faults.get("error_in_200"):
            return self.fail("try_later", "系统繁忙，请稍后再试")
        if faults.get("closed_for_settlement"):
            return self.fail("try_later", "月末结算期间暂停受理")
        return self.say("E_UNLISTED", "未知错误") if faults.get("unknown_code") else None

    def push(self, operation: str, where: Push, said: Mapping[str, Any], raw: str) -> Said:
        """Take a matter once per key."""
        faults, by_ours = self.home.faults(), {f.ours: said.get(f.theirs) for f in where.map if f.ours}
        if faults.get("canned_success"):
            return self.done()
        wrong = self.shape.wrong_field(where.map, said)
        if wrong:
            return self.fail("refused", f"{wrong.theirs} 填写有误", wrong.theirs)
        item = str(by_ours.get("parcel.item_code") or "")
        if item and item in faults.get("retired_items", ()):
            return self.fail("refused", f"事项 {item} 已停用")
        reference, result = str(by_ours.get("task.reference") or ""), str(by_ours.get("task.result") or "")
        if operation == TASK_ANSWER and not self.home.answer_task(reference, result):
            return self.fail("refused", "没有这项任务")
        key = str(by_ours.get("parcel.key") or hashlib.sha256(raw.encode()).hexdigest()[:26])
        case_no = str(by_ours.get("parcel.case_no") or key)
        entry, is_new = self.home.take(key, case_no, operation, dict(said), prefix=self.shape.declared.prefix)
        answer = self.shape.declared.answer
        code = answer.done[0] if is_new or not answer.again else answer.again[0]
        begun = self.say(code, "成功" if is_new else "重复报送", took=True)
        return self._with_number(begun, where, entry)

    def _with_number(self, begun: Said, where: Push | Find, entry: Entry) -> Said:
        wrong = self.home.faults().get("wrong_type")
        put(begun.tree, where.reference, [entry.reference] if wrong else entry.reference)
        put(begun.tree, where.at, self.time(entry.taken_at))
        if isinstance(where, Find):
            put(begun.tree, where.found, True)
        return begun

    def find(self, where: Find, said: Mapping[str, Any], raw: str) -> Said:
        """Say whether a key is in the books."""
        key = next((str(said.get(f.theirs)) for f in where.map if f.ours == "parcel.key"), "")
        entry = self.home.find(key)
        if entry is not None:
            return self._with_number(self.done(), where, entry)
        answer = self.shape.declared.answer
        begun = self.say(answer.nothing[0], "无记录") if answer.nothing else self.done()
        put(begun.tree, where.found, False)
        return begun

    def collect(self, where: Collect, said: Mapping[str, Any], raw: str) -> Said:
        """Give the changes after a cursor, or of a page."""
        cursor = next((str(said.get(f.theirs)) for f in where.map if f.ours == "cursor"), "") or where.start
        begin, number = 0, int(cursor) if cursor.isdecimal() else 0
        if where.paging == "page":
            begin, number = (number - int(where.start)) * where.size, 0
        changes = self.changes.since(number, begin + where.size + 1)[begin:]
        shown, more = changes[: where.size], len(changes) > where.size
        begun = self.done()
        put(begun.tree, where.rows, [self.row(where, change) for change in shown])
        put(begun.tree, where.more, more)
        put(begun.tree, where.next, str(shown[-1].number) if shown else cursor)
        return begun

    def row(self, where: Collect, change: Change) -> dict[str, Any]:
        """Write one change as a row of theirs."""
        row: dict[str, Any] = {}
        put(row, where.number, str(change.number))
        put(row, where.key, change.entry.key)
        put(row, where.reference, change.entry.reference)
        put(row, where.status, self.shape.status(change.status))
        put(row, where.at, self.time(change.at))
        put(row, where.text, WORDS[change.status])
        put(row, where.field, self.shape.field_to_correct() if change.status == "correction" else "")
        return row

    def tasks(self, where: Tasks, said: Mapping[str, Any], raw: str) -> Said:
        """Give the tasks after a number."""
        cursor = next((str(said.get(f.theirs)) for f in where.map if f.ours == "cursor"), "") or where.start
        found = self.home.tasks_after(int(cursor) if cursor.isdecimal() else 0)
        begun = self.done()
        put(begun.tree, where.rows, [self.task_row(where, task) for task in found])
        return begun

    def task_row(self, where: Tasks, task: Assigned) -> dict[str, Any]:
        """Write one task as a row of theirs."""
        row: dict[str, Any] = {}
        kinds = {one["ours"]: one["theirs"] for one in self.shape.rows(where.kinds)} if where.kinds else {}
        due = self.time(datetime.fromisoformat(task.due).replace(tzinfo=SHANGHAI).timestamp()) if task.due else ""
        told = {where.number: str(task.number), where.reference: task.reference, where.title: task.title,
                where.hub: task.hub, where.due: due, where.kind: kinds.get(task.kind, task.kind),
                where.id_no: task.id_no}  # fmt: skip
        for path, value in [*told.items(), *((path, task.note) for path in where.detail.values())]:
            put(row, path, value)
        return row

    def lookup(self, where: Lookup, said: Mapping[str, Any], raw: str) -> Said:
        """Tell what is known of a person: what known.json in the home folder says, else something plausible."""
        id_no = next((str(said.get(f.theirs) or "") for f in where.map if f.ours == "question.id_no"), "")
        begun, person = self.done(), dict[str, Any]()
        if len(id_no) == 18:
            told = self._known(id_no)
            for one in where.answers:
                codes = self.shape.rows(one.codes)[0]["theirs"] if one.codes else ""
                plausible = codes or {"bool": "是", "number": "1"}.get(one.kind, f"登记信息{id_no[-4:]}")
                put(person, one.theirs, told.get(one.fact, plausible))
            put(person, where.as_of, self.time(time.time()))
        if where.row:
            put(begun.tree, where.row, [person] if person else [])
            return begun
        return Said(_merged(begun.tree, person), begun.code) if person else self._nobody(begun)

    def _nobody(self, begun: Said) -> Said:
        nothing = self.shape.declared.answer.nothing
        return self.say(nothing[0], "无记录") if nothing else begun

    def _known(self, id_no: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.home.folder / "known.json").read_text("utf-8")).get(id_no, {}))
        except (FileNotFoundError, ValueError):
            return {}

    def time(self, seconds: float) -> str:
        """Write a time as their answers do."""
        if self.home.faults().get("odd_dates"):
            return "1970-1-2 0.0.0.0"
        at = datetime.fromtimestamp(seconds, SHANGHAI)
        pattern = self.shape.declared.times
        return at.isoformat(timespec="seconds") if pattern == "iso" else at.strftime(pattern)


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(one.get(name), dict):
            _merged(one[name], value)
        else:
            one[name] = value
    return one
