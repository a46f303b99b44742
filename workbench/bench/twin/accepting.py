"""Accepting by hand: one transaction with the same rows as the product's."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import abort

from ...api.manifest import ItemManifest
from ...cases.clock import due_on
from ...cases.send import decides_after_opinion
from ...cases.steps import accepting_position
from ...people.facts import FactInput, fact_row
from ...reception.check_form import asked_sections, find_missing, find_unexplained
from ...reception.prefill import own_key
from ...reception.read_form import find_unreadable
from ...store.ids import new_id
from .database import Database
from .duties import Caller, Duties, stamp
from .form_page import Opened, open_form
from .matter import Matter, today

NUMBER = (
    "INSERT INTO case_number (division, day, last) VALUES (?, ?, 1) "
    "ON CONFLICT (division, day) DO UPDATE SET last = last + 1 RETURNING last"
)
CASE = (
    "UPDATE cases SET case_no = ?, item_version = ?, item_digest = ?, title_zh = ?, title_en = ?, state = 'accepted', "
    "step = ?, step_by = ?, payload_id = ?, accepted_at = ?, due_on = ?, updated_at = ?, version = version + 1 "
    "WHERE id = ?"
)
FACT = "person_id, key, value, sealed, rank, source, as_of, recorded_at, recorded_by, purpose, case_id, reason"
STEP = "case_id, position, key, by, state, four_eyes, due_on, started_at, done_at, done_by, outcome, reason"
DELIVERY = (
    "id, case_id, case_no, hub_id, platform_id, operation, item_code, item_version, item_title, division, worker_name, "
    "lane, position, payload_id, basis, state, reason, reason_text, attempts, in_doubt, due_at, lease_owner, fence, "
    "reference, created_at, updated_at"
)


def accept(database: Database, duties: Duties, matter: Matter, caller: Caller, case_id: str, accept_key: str) -> None:
    """Accept a case once; 409 when its form is not complete."""
    with database.writing():
        state = database.one("SELECT state FROM cases WHERE id = ? AND hub_id = ?", (case_id, caller.hub_id))
        if state and state[0] == "accepted":
            return
        opened = open_form(database, duties, matter, caller, case_id)
        if opened.row[6] != accept_key or _hindered(opened):
            abort(409)
        _write(database, duties, matter, caller, case_id, opened)


def _hindered(opened: Opened) -> bool:
    problems = find_missing(opened.form, opened.values, opened.facts)
    problems |= find_unexplained(opened.values, opened.origins)
    problems |= find_unreadable(opened.values, opened.form.fields)
    return bool(problems) or any(m["state"] == "missing" and m["material"].required for m in opened.materials)


def _write(database: Database, duties: Duties, matter: Matter, caller: Caller, case_id: str, opened: Opened) -> None:
    manifest, day, now = opened.item.manifest, today(), stamp(datetime.now(UTC))
    _freeze(database, matter, opened, now)
    division = caller.division.ljust(12, "0")
    (number,) = database.one(NUMBER, (division, day.isoformat()))
    case_no = f"{division}-{day:%Y%m%d}-{number:05d}"
    payload_id = _keep_form(database, duties, opened, now)
    position = accepting_position(manifest)
    following = manifest.steps[position + 1] if position + 1 < len(manifest.steps) else None
    due = due_on(manifest, day, matter.calendar)
    values: tuple[Any, ...] = (case_no, manifest.version, opened.item.digest, manifest.title_zh, manifest.title_en)
    values += (following.key if following else "", following.by if following else "", payload_id, now)
    database.change(CASE, (*values, due.isoformat() if due else None, now, case_id))
    states: dict[str, int] = {}
    for material in opened.materials:
        states[material["state"]] = states.get(material["state"], 0) + 1
    told = json.dumps({"before": "draft", "materials": states})
    event = (case_id, now, "accept", caller.worker.id, caller.worker.name, told)
    database.insert("case_event", "case_id, at, kind, actor_id, actor_name, detail", [event])
    duties.record(caller, "case.accept", opened.row[2], f"case:{case_id}")
    database.insert("case_step", STEP, _steps(matter, caller, manifest, case_id, position, now))
    _settle(database, case_id, opened)
    database.insert("fact", FACT, _facts(duties, caller, case_id, opened, now))
    database.insert("delivery", DELIVERY, _deliveries(matter, caller, case_id, case_no, payload_id, opened, now))
    database.change("DELETE FROM draft WHERE case_id = ?", (case_id,))


def _freeze(database: Database, matter: Matter, opened: Opened, now: str) -> None:
    item = opened.item
    if item.digest in matter.frozen:
        return
    row = (item.digest, item.code, item.manifest.version, item.manifest.division, item.line_id)
    database.change(
        "INSERT INTO item_version (digest, code, version, division, line_id, content, first_used_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*row, item.manifest.model_dump_json(), now),
    )
    matter.frozen.add(item.digest)


def _keep_form(database: Database, duties: Duties, opened: Opened, now: str) -> str:
    asked = [field.key for section, _ in asked_sections(opened.form, opened.facts) for field in section.fields]
    values = {key: opened.values[key] for key in asked if opened.values.get(key) not in (None, "")}
    origins = {key: origin for key, origin in opened.origins.items() if key in values}
    content: dict[str, Any] = {"values": values, "origins": origins, "files": []}
    if decides_after_opinion(opened.item.manifest):
        content["decide"] = "after_opinion"
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    row = (new_id(), duties.seal("payload.content", content), hashlib.sha256(text.encode()).hexdigest(), now)
    database.insert("payload", "id, content, digest, created_at", [row])
    return row[0]


def _steps(matter: Matter, caller: Caller, manifest: ItemManifest, case_id: str, over: int, now: str) -> list[Any]:
    rows = []
    for position, step in enumerate(manifest.steps):
        state = "done" if position <= over else "open" if position == over + 1 else "waiting"
        due = matter.calendar.add(today(), step.days, step.unit) if state == "open" and step.days is not None else None
        done = (now, now, caller.worker.id) if state == "done" else (now if state == "open" else None, None, "")
        due_text = due.isoformat() if due else None
        rows.append((case_id, position, step.key, step.by, state, step.four_eyes, due_text, *done, "", ""))
    return rows


def _settle(database: Database, case_id: str, opened: Opened) -> None:
    known = {key for (key,) in database.all("SELECT key FROM case_material WHERE case_id = ?", (case_id,))}
    rows = [
        (case_id, one["material"].key, one["state"], one["source"])
        for one in opened.materials
        if one["material"].key not in known
    ]
    database.insert("case_material", "case_id, key, state, note", rows)


def _facts(duties: Duties, caller: Caller, case_id: str, opened: Opened, now: str) -> list[Any]:
    rows, day = [], today()
    for key, field in opened.form.fields.items():
        value, origin = opened.values.get(key), opened.origins.get(key, {})
        unchanged = origin.get("held") == value and not origin.get("typed")
        if value in (None, "", []) or field.type in ("signature", "image") or unchanged:
            continue
        fact = FactInput(
            field.fact or own_key(opened.row[1], key), value, "word", "本人", day, origin.get("reason", "")
        )
        row = fact_row(opened.row[2], fact, datetime.now(UTC), caller.worker.id)
        sealed = duties.seal_text("fact.sealed", row["sealed"]) if row["sealed"] is not None else None
        said = (row["person_id"], row["key"], row["value"], sealed, 1, "本人", day.isoformat(), now, caller.worker.id)
        rows.append((*said, opened.item.manifest.purpose, case_id, fact.reason))
    return rows


def _deliveries(
    matter: Matter, caller: Caller, case_id: str, case_no: str, payload_id: str, opened: Opened, now: str
) -> list[Any]:
    manifest, rows = opened.item.manifest, []
    basis = "；".join(manifest.legal_basis[:2]) or manifest.purpose
    for delivery in manifest.steps[accepting_position(manifest)].deliveries:
        platform, key = matter.installed.platform(delivery.platform), new_id()
        order = platform.manifest.order if platform and platform.manifest else "case"
        lane = f"{delivery.platform}:{ {'case': case_id, 'person': opened.row[2], 'none': key}[order] }"
        position = 0
        if order != "none":
            last = "SELECT coalesce(max(position), 0) + 1 FROM delivery WHERE lane = ?"
            (position,) = matter.database.one(last, (lane,))
        about = (key, case_id, case_no, caller.hub_id, delivery.platform, delivery.operation, opened.row[1])
        place = (caller.division, caller.worker.name, lane, position, payload_id, basis)
        fresh = ("waiting", "", "", 0, 0, now, "", 0, "", now, now)
        rows.append((*about, manifest.version, manifest.title_zh, *place, *fresh))
    return rows
