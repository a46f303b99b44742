"""The item picker by hand: what fits, or one line's items, with what the rules say of this resident."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import abort, render_template, request

from ...catalogue.form import Form
from ...catalogue.items import Item
from ...catalogue.life_events import LifeEvent, load_life_events
from ...catalogue.pick import initials, pick_items
from ...desk.known import word_of
from ...people.view import age_on
from ...reception.rule_facts import rule_facts, rule_names
from ...rules.eligibility import assess
from .database import Database
from .duties import Caller, Duties, stamp
from .form_page import read_facts
from .frame import frame
from .matter import Matter, today

PERSON = (
    "SELECT p.name, p.sex, p.birth_date, p.id_masked, p.phone_masked, (SELECT count(*) FROM household_member m "
    "WHERE m.household_id = p.household_id AND m.until IS NULL) FROM person p "
    "WHERE p.id = ? AND p.hub_id = ? AND p.status <> 'merged'"
)
POPULAR = (
    "SELECT item_code FROM cases WHERE hub_id = ? AND created_at >= ? GROUP BY item_code "
    "ORDER BY count(*) DESC, item_code LIMIT 8"
)
_popular: dict[str, tuple[datetime, list[str]]] = {}


def show(database: Database, duties: Duties, matter: Matter, caller: Caller, person_id: str) -> str:
    """Draw the items that fit what was typed, or the lines and the items of one."""
    q, day, is_part = request.args.get("q", "").strip()[:60], today(), bool(request.headers.get("HX-Request"))
    line = "" if q else request.args.get("line", "")
    with database.reading():
        row = database.one(PERSON, (person_id, caller.hub_id)) or abort(404)
        born = date.fromisoformat(row[2]) if row[2] else None
        held = {key: fact[0] for key, fact in read_facts(database, duties, person_id, rule_names()).items()}
        person: Any = SimpleNamespace(birth_date=born, sex=row[1])
        facts = rule_facts(held | matter.region(caller.division, day), person, Form(()), {}, day)
        popular = [] if q else _most_begun(database, caller)
        framed = {} if is_part else frame(database, matter, caller)
    duties.look(caller, "home.picker", person_id)
    lines = matter.open_lines(caller)
    items = matter.catalogue.at(caller.division, day, lines)
    hits = pick_items(q, items, 30) if q else []
    wanted = {hit.item.code for hit in hits} | set(popular) | _bundle_codes(q)
    shown = [item for item in items if item.code in wanted or item.line_id == line]
    choices = {item.code: _choice(matter, item, facts) for item in shown}
    counts = Counter(item.line_id for item in items)
    return render_template(
        "items_list.html" if is_part else "items.html",
        q=q,
        person_id=person_id,
        person={
            "name": row[0],
            "sex": row[1],
            "age": age_on(born, day),
            "id_no": row[3],
            "phone": row[4],
            "size": row[5],
        },
        hits=[(choices[hit.item.code], hit.matched) for hit in hits],
        popular=[choices[code] for code in popular if code in choices and choices[code]["is_in_force"]],
        lines=[] if q else [(line_id, _title(matter, line_id), counts[line_id]) for line_id in lines],
        line=line,
        rows=[(choice, "") for choice in choices.values() if choice["line_id"] == line],
        bundles=_bundles(q, choices),
        **framed,
    )


def _most_begun(database: Database, caller: Caller) -> list[str]:
    now = datetime.now(UTC)
    known = _popular.get(caller.hub_id)
    if known is None or now - known[0] > timedelta(minutes=10):
        rows = database.all(POPULAR, (caller.hub_id, stamp(now - timedelta(days=90))))
        known = _popular[caller.hub_id] = now, [code for (code,) in rows]
    return known[1]


def _choice(matter: Matter, item: Item, facts: dict[str, Any]) -> dict[str, Any]:
    manifest, missing = item.manifest, ""
    is_in_force = manifest.status == "in_force"
    verdict: bool | None = None
    if is_in_force:
        said = assess(manifest.rules, manifest.exclusions, facts)
        verdict = said.verdict
        if verdict is None:
            labels = [word_of(name).zh for name in said.missing]
            missing = "、".join(labels[:3]) + ("…" if len(labels) > 3 else "")
    platforms = {delivery.platform for step in manifest.steps for delivery in step.deliveries}
    return {
        "code": item.code,
        "title": manifest.title_zh,
        "department": manifest.department,
        "line_id": item.line_id,
        "verdict": verdict,
        "has_rules": bool(manifest.rules or manifest.exclusions) and is_in_force,
        "missing": missing,
        "health": _worst(matter, platforms),
        "is_in_force": is_in_force,
        "is_name_only": manifest.depth == "name",
        "note": manifest.note,
    }


def _worst(matter: Matter, platforms: set[str]) -> str:
    order, health = ("up", "unknown", "unconfigured", "degraded", "down"), matter.health()
    states = [health.get(platform, ("unknown", ""))[0] for platform in platforms]
    return max(states, key=order.index, default="")


def _title(matter: Matter, line_id: str) -> str:
    line = matter.installed.line(line_id)
    return line.name_zh if line else line_id


def _bundle_codes(q: str) -> set[str]:
    return {code for event in load_life_events() if _fits(q, event) for code in event.item_codes}


def _fits(q: str, event: LifeEvent) -> bool:
    wanted = "".join(q.split()).lower()
    names = (event.title_zh, initials(event.title_zh), event.title_en.lower().replace(" ", ""))
    return not wanted or any(wanted in name for name in names)


def _bundles(q: str, choices: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for event in load_life_events():
        rows = [choices[code] for code in event.item_codes if code in choices]
        if rows and _fits(q, event):
            elsewhere = [one.title_zh for one in event.by_name_only if one.code not in choices]
            found.append({"title": event.title_zh, "rows": rows, "elsewhere": elsewhere})
    return found
