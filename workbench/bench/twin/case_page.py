"""The page of one case by hand."""

import json
from datetime import UTC, date, datetime
from typing import Any

from flask import abort, render_template

from ...cases.beside import PRESENT
from ...cases.clock import Due, judge
from ...cases.frozen_form import frozen_form
from ...cases.moves import OPEN_STATES, load_moves
from ...cases.words import KINDS, ROLES, UNKNOWN, event_text, state_words
from ...catalogue.items import Item
from ...delivery.words import tell
from ...identity.may import may
from ...people.view import age_on
from ...store.clock import local
from .database import Database
from .duties import Caller, Duties, read_stamp, stamp
from .frame import frame
from .matter import Matter, today

CASE = (
    "SELECT c.state, c.case_no, c.reference, c.title_zh, c.accepted_at, c.due_on, c.item_digest, c.person_id, "
    "c.line_id, c.version, c.result, c.result_text, c.step_by, w.name, p.name, p.sex, p.birth_date, p.id_masked, "
    "p.phone_masked, y.content FROM cases c JOIN person p ON p.id = c.person_id JOIN worker w ON w.id = c.owner_id "
    "LEFT JOIN payload y ON y.id = c.payload_id WHERE c.id = ? AND c.hub_id = ?"
)
STEPS = (
    "SELECT key, by, state, four_eyes, due_on, done_at, outcome, reason FROM case_step WHERE case_id = ? "
    "ORDER BY position"
)
MATERIALS = "SELECT key, state, note, supply_by FROM case_material WHERE case_id = ?"
EVENTS = "SELECT at, kind, actor_id, actor_name, detail FROM case_event WHERE case_id = ? ORDER BY id"
DELIVERIES = (
    "SELECT d.id, d.platform_id, d.state, d.reason, d.reason_text, d.reference, d.updated_at, d.attempts, "
    "s.closed_until, s.closed_reason FROM delivery d LEFT JOIN platform_state s ON s.platform_id = d.platform_id "
    "WHERE d.case_id = ? ORDER BY d.id"
)
SENT = (
    "SELECT e.id, e.at, e.state, e.reason, e.text, e.actor_id, e.proof IS NOT NULL, d.platform_id "
    "FROM delivery_event e JOIN delivery d ON d.id = e.delivery_id WHERE d.case_id = ? ORDER BY e.id"
)
PROPOSED = "SELECT COUNT(*) FROM proposal WHERE case_id = ? AND state = 'open'"
BESIDE = (
    "SELECT worker_name FROM case_presence WHERE case_id = ? AND seen_at > ? AND worker_id <> ? ORDER BY worker_name"
)
COME = (
    "INSERT INTO case_presence (case_id, worker_id, worker_name, seen_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (case_id, worker_id) DO UPDATE SET seen_at = excluded.seen_at"
)
STATES = {
    "missing": "缺", "have": "已有，直接使用", "sighted": "已核验原件", "scanned": "已扫描", "waived": "免交",
    "promised": "书面承诺", "late": "可后补", "not_needed": "不需要",
}  # fmt: skip
STEP_STATES = {"done": "已办", "open": "当前", "waiting": "未到", "skipped": "不需要"}


def show(database: Database, duties: Duties, matter: Matter, caller: Caller, case_id: str) -> str:
    """Draw a case, and write down who looked."""
    with database.reading():
        row = database.one(CASE, (case_id, caller.hub_id))
        if row is None or row[0] in ("draft", "voided"):
            abort(404)
        steps, materials = database.all(STEPS, (case_id,)), database.all(MATERIALS, (case_id,))
        events, sent = database.all(EVENTS, (case_id,)), database.all(SENT, (case_id,))
        deliveries = database.all(DELIVERIES, (case_id,))
        (proposed,) = database.one(PROPOSED, (case_id,))
        now, me = datetime.now(UTC), caller.worker
        beside = database.all(BESIDE, (case_id, stamp(now - PRESENT), me.id))
        framed = frame(database, matter, caller)
    item = matter.catalogue.by_digest.get(row[6])
    purpose = item.manifest.purpose if item else ""
    with database.writing():
        duties.record(caller, "case.look", row[7], f"case:{case_id}", purpose=purpose)
        database.change(COME, (case_id, me.id, me.name, stamp(now)))
    content = json.loads(duties.unseal("payload.content", row[19])) if row[19] else {}
    due = _due(matter, row)
    return render_template(
        "case.html",
        case_id=case_id,
        case=row,
        proposed=proposed,
        beside="、".join(name for (name,) in beside),
        state=state_words(row[0])[0],
        due=due,
        due_text=_due_words(due),
        accepted=f"{local(read_stamp(row[4])):%Y-%m-%d %H:%M}" if row[4] else "—",
        age=age_on(date.fromisoformat(row[16]) if row[16] else None, today()),
        steps=_steps(item, steps),
        materials=_materials(item, materials),
        deliveries=[_delivery(matter, one) for one in deliveries],
        timeline=_timeline(matter, item, events, sent),
        groups=frozen_form(item.manifest, content, "zh_CN") if item else [],
        fields=[(f.key, f.label_zh) for f in matter.form(item).fields.values()] if item else [],
        moves=[m.action for m in load_moves().values() if row[0] in m.from_ and may(caller.worker, m.by, row[8])],
        **framed,
    )


def _due(matter: Matter, row: Any) -> Due:
    accepted = local(read_stamp(row[4])).date() if row[4] else None
    is_open = row[0] in OPEN_STATES and row[0] not in ("correction", "suspended")
    return judge(accepted, date.fromisoformat(row[5]) if row[5] else None, today(), matter.calendar, is_open)


def _due_words(due: Due) -> str:
    if due.on is None:
        return "无期限"
    left = (
        f"超 {-due.left} 个工作日" if due.level == "overdue" else f"剩 {due.left} 个工作日" if due.left else "今天到期"
    )
    return f"{left} · {due.on.isoformat()}"


def _steps(item: Item | None, rows: list[Any]) -> list[dict[str, str]]:
    names = {step.key: step.name for step in item.manifest.steps} if item else {}
    found = []
    for key, by, state, four_eyes, due_on, done_at, _outcome, reason in rows:
        hints = [ROLES.get(by, (by, by))[0]]
        hints += ["由另一人办理"] if four_eyes else []
        hints += [f"{local(read_stamp(done_at)):%Y-%m-%d %H:%M}"] if done_at else [f"期限 {due_on}"] if due_on else []
        hints += [reason] if reason else []
        found.append({"title": names.get(key, key), "hint": " · ".join(hints), "word": STEP_STATES[state]})
    return found


def _materials(item: Item | None, rows: list[Any]) -> list[dict[str, str]]:
    order = {material.key: number for number, material in enumerate(item.manifest.materials)} if item else {}
    names = {material.key: material.name for material in item.manifest.materials} if item else {}
    return [
        {"title": names.get(key, key), "hint": " · ".join(filter(None, (note, supply_by))), "word": STATES[state]}
        for key, state, note, supply_by in sorted(rows, key=lambda row: order.get(row[0], 99))
    ]


def _delivery(matter: Matter, row: Any) -> dict[str, Any]:
    platform = matter.installed.platform(row[1])
    name = platform.manifest.name_zh if platform and platform.manifest else row[1]
    closed = row[9] if row[2] == "waiting" and row[8] else ""
    words = tell(row[2], row[3], platform_zh=name, platform_en=name, reference=row[5], closed_reason=closed)
    said = {"name": name, "state": row[2], "words": words.text_zh, "by": words.who_zh, "text": row[4]}
    return said | {"id": row[0], "since": f"{local(read_stamp(row[6])):%Y-%m-%d %H:%M}", "tries": row[7]}


def _timeline(matter: Matter, item: Item | None, events: list[Any], sent: list[Any]) -> list[dict[str, str]]:
    steps = {step.key: step.name for step in item.manifest.steps} if item else {}
    found = []
    for at, kind, actor_id, actor, detail_text in events:
        title, _en, tone, icon = KINDS.get(kind, UNKNOWN)
        detail = json.loads(detail_text)
        if step := steps.get(detail.get("step")):
            title = f"{title}：{step}"
        who = "系统" if actor_id == "system" else actor
        found.append({"at": at, "title": title, "by": who, "text": event_text(detail)[0], "tone": tone, "icon": icon})
    for _id, at, state, _reason, text, _actor, _proof, platform_id in sent:
        platform = matter.installed.platform(platform_id)
        name = platform.manifest.name_zh if platform and platform.manifest else platform_id
        found.append(
            {"at": at, "title": f"{name}：{state}", "by": "系统", "text": text, "tone": "blue", "icon": "send"}
        )
    found.sort(key=lambda one: one["at"], reverse=True)
    return [one | {"at": f"{local(read_stamp(one['at'])):%Y-%m-%d %H:%M}"} for one in found]
