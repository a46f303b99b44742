"""What waits besides one's own cases, by hand: one statement of counts, and the lines that tell them."""

from datetime import UTC, datetime, timedelta

from ...cases.moves import OPEN_STATES
from ...desk.offered import visit_steps
from .database import Database
from .duties import Caller, stamp
from .matter import Matter, today

STANDS = (
    "(kind IN ('stop', 'sample') OR EXISTS (SELECT 1 FROM open_line o WHERE o.hub_id = agenda.hub_id "
    "AND o.line_id = agenda.line_id AND o.closed_at IS NULL))"
)
_COVERS = "cover WHERE to_id = :me AND hub_id = :hub AND ends_at > :now AND starts_at <= :now"
_AGENDA = f"agenda WHERE hub_id = :hub AND state = 'open' AND {STANDS}"
_TASKS = "assigned_task WHERE hub_id = :hub AND state = 'open'"
_ABSENT = "SELECT id FROM absence WHERE worker_id = :me AND hub_id = :hub"
#: What is counted up to a hundred; {} stands for the steps that are visits.
COUNTED = (
    f"{_COVERS} AND EXISTS (SELECT 1 FROM handover h WHERE h.absence_id = cover.absence_id AND h.line_id = "
    "cover.line_id AND (cover.taken_at IS NULL OR h.given_at > cover.taken_at))",
    "cover_call WHERE to_id = :me AND answered_at IS NULL AND hub_id = :hub",
    "urging u JOIN cases c ON c.id = u.case_id WHERE u.hub_id = :hub AND u.answered_at IS NULL AND c.owner_id = :me",
    _TASKS,
    f"{_TASKS} AND due_on < :day",
    "enquiry WHERE hub_id = :hub AND state = 'open'",
    f"cases WHERE owner_id = :me AND hub_id = :hub AND state IN {OPEN_STATES} AND step IN ({{}})",
    f"{_AGENDA} AND kind = 'automatic'",
    f"{_AGENDA} AND kind NOT IN ('automatic', 'entitled') AND due_on <= :day",
    "roster_swap WHERE hub_id = :hub AND state = 'asked' AND to_id = :me",
)
LEAVING = (
    f"{_ABSENT} AND ends_at > :now AND starts_at <= :soon AND NOT EXISTS (SELECT 1 FROM handover h "
    "WHERE h.absence_id = absence.id) ORDER BY starts_at LIMIT 1"
)
RETURNED = f"{_ABSENT} AND ends_at <= :now AND ends_at > starts_at AND read_at IS NULL ORDER BY ends_at LIMIT 1"
_counts = ", ".join(f"(SELECT count(*) FROM (SELECT 1 FROM {one} LIMIT 100))" for one in COUNTED)
COUNTS = f"SELECT {_counts}, ({LEAVING}), ({RETURNED})"
#: In the order of the counts: how it is told, where one goes, the word beside it, its picture.
LINES = (
    ("{} 项交接待确认", "absences", "请阅读并清点", "handshake"),
    ("{} 项联系事项待您答复", "calls", "答复", "phone"),
    ("{} 件催办待答复", "urgings", "答复", "bell"),
    ("部门交办{}项", "assigned", "办理或退回", "clipboard-list"),
    ("其中{}项已逾期", "assigned", "逾期", "octagon-alert"),
    ("{}条咨询待答复", "enquiries", "答复", "message-square"),
    ("{} 件待入户", "", "入户", "house"),
    ("免申即享名单 {} 人待确认", "agenda?kind=automatic", "确认", "list-checks"),
    ("{} 条待办提示已到期", "agenda", "处理", "calendar-days"),
    ("{} 项换班待您答复", "roster", "答复", "calendar-days"),
)


def waiting(database: Database, matter: Matter, caller: Caller) -> list[tuple[str, ...]]:
    """Tell what waits. One statement."""
    now, steps = datetime.now(UTC), visit_steps(matter.catalogue)
    about = {"me": caller.worker.id, "hub": caller.hub_id, "now": stamp(now), "day": today().isoformat()}
    about |= {"soon": stamp(now + timedelta(days=3))} | {f"v{number}": key for number, key in enumerate(steps)}
    places = ", ".join(f":v{number}" for number in range(len(steps)))
    *counts, leaving, returned = database.one(COUNTS.format(places), about)
    told: list[tuple[str, ...]] = [
        (words.format(count), f"/h/{caller.hub_id}/{way}" if way else "", word, picture)
        for count, (words, way, word, picture) in zip(counts, LINES, strict=True)
        if count
    ]
    absences = ((leaving, "您即将缺勤：请填写交接", "填写"), (returned, "您已返岗：请查看期间发生的事", "查看"))
    away = f"/h/{caller.hub_id}/absences"
    return told + [(words, f"{away}/{absence}", word, "pencil") for absence, words, word in absences if absence]
