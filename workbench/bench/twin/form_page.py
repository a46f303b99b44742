"""The prefilled form by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from flask import abort, render_template

from ...catalogue.form import Form, FormField
from ...catalogue.items import Item
from ...people.view import age_on
from ...reception.check_form import asked_sections, is_asked
from ...reception.rule_facts import rule_facts, rule_names
from ...rules.eligibility import assess
from .database import Database
from .duties import Caller, Duties
from .frame import frame
from .matter import Matter, today

CASE = (
    'SELECT c.state, c.item_code, c.person_id, d."values", d.origins, d.saved_at, d.accept_key, p.name, p.sex, '
    "p.birth_date, p.id_masked, p.phone_masked FROM cases c JOIN draft d ON d.case_id = c.id "
    "JOIN person p ON p.id = c.person_id WHERE c.id = ? AND c.hub_id = ? AND c.owner_id = ?"
)
FACTS = (
    "SELECT key, value, sealed, rank, source, as_of, recorded_at FROM fact WHERE person_id = ? AND key IN ({}) "
    "ORDER BY rank, coalesce(as_of, date(recorded_at, '+8 hours')), recorded_at, id"
)
MATERIALS = "SELECT key, state, supply_by FROM case_material WHERE case_id = ?"
DOCUMENTS = "SELECT kind, valid_until FROM document WHERE person_id = ? ORDER BY id"


@dataclass
class Opened:
    """A form with everything known about it."""

    row: Any
    item: Item
    form: Form
    values: dict[str, Any]
    origins: dict[str, Any]
    facts: dict[str, Any]
    materials: list[dict[str, Any]]


def open_form(database: Database, duties: Duties, matter: Matter, caller: Caller, case_id: str) -> Opened:
    """Read a form with facts, thresholds and materials. Five statements."""
    row = database.one(CASE, (case_id, caller.hub_id, caller.worker.id))
    if row is None or row[0] != "draft":
        abort(404)
    day = today()
    item = matter.catalogue.find(row[1], caller.division, day)
    if item is None or item.line_id not in matter.open_lines(caller):
        abort(409)
    form = matter.form(item)
    values = json.loads(duties.unseal("draft.values", row[3]))
    origins = json.loads(duties.unseal("draft.origins", row[4]))
    waiving = {material.waived_by_fact for material in item.manifest.materials if material.waived_by_fact}
    held = read_facts(database, duties, row[2], rule_names() | waiving)
    known = {key: fact[0] for key, fact in held.items() if key in rule_names()}
    person = SimpleNamespace(birth_date=date.fromisoformat(row[9]) if row[9] else None, sex=row[8])
    facts = rule_facts(known | matter.region(caller.division, day), person, form, values, day)
    return Opened(row, item, form, values, origins, facts, _materials(database, case_id, row[2], item, held, facts))


def read_facts(database: Database, duties: Duties, person_id: str, keys: frozenset[str] | set[str]) -> dict[str, Any]:
    """Give the value that counts for each key: (value, rank, source, as_of). One statement."""
    names = sorted(keys)
    rows = database.all(FACTS.format(", ".join("?" * len(names))), (person_id, *names))
    found: dict[str, Any] = {}
    for key, value, sealed, rank, source, as_of, recorded_at in rows:  # the strongest comes last
        text = value if value is not None else duties.unseal("fact.sealed", sealed)
        found[key] = (json.loads(text), rank, source, as_of or recorded_at[:10])
    return found


def _materials(
    database: Database, case_id: str, person_id: str, item: Item, held: Mapping[str, Any], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    marked = {key: (state, supply_by) for key, state, supply_by in database.all(MATERIALS, (case_id,))}
    day = today()
    on_file = {kind: until for kind, until in database.all(DOCUMENTS, (person_id,)) if not until or until >= str(day)}
    found = []
    for material in item.manifest.materials:
        state, source = "missing", ""
        spares = held.get(material.waived_by_fact)
        fresh = spares and spares[1] == 3 and spares[0] and day - date.fromisoformat(spares[3]) <= timedelta(days=365)
        if is_asked(material.when, facts) is False:
            continue
        if material.key in marked and marked[material.key][0] != "missing":
            state, source = marked[material.key]
        elif spares and fresh:
            state, source = "waived", spares[2]
        elif material.key in on_file:
            state, source = "have", on_file[material.key]
        found.append({"material": material, "state": state, "source": source or ""})
    return found


def show(database: Database, duties: Duties, matter: Matter, caller: Caller, case_id: str) -> str:
    """Draw the form."""
    with database.reading():
        opened = open_form(database, duties, matter, caller, case_id)
        framed = frame(database, matter, caller)
    row, manifest = opened.row, opened.item.manifest
    duties.look(caller, "reception.form", row[2])
    return render_template(
        "form.html",
        case_id=case_id,
        item=manifest,
        person={
            "id": row[2],
            "name": row[7],
            "sex": {"1": "男", "2": "女"}.get(row[8], "未说明"),
            "age": age_on(date.fromisoformat(row[9]) if row[9] else None, today()),
            "id_no": row[10],
            "phone": row[11],
        },
        sections=_draw(opened),
        assessment=assess(manifest.rules, manifest.exclusions, opened.facts),
        materials=opened.materials,
        saved_at=row[5][11:16],
        asks_agent="agent" in manifest.field_groups,
        has_agent=bool(opened.values.get("_agent")),
        **framed,
    )


def _draw(opened: Opened) -> list[dict[str, Any]]:
    drawn = []
    for section, counts in asked_sections(opened.form, opened.facts):
        fields = [
            (
                field,
                shown(field, opened.values.get(field.key)),
                opened.origins.get(field.key),
                field.required and counts,
            )
            for field in section.fields
            if field.type != "image" and is_asked(field.when, opened.facts) is not False
        ]
        if fields:
            drawn.append({"key": section.key, "title": section.title_zh, "fields": fields, "certain": counts})
    return drawn


def shown(field: FormField, value: Any) -> Any:
    """Give a value as its control shows it."""
    if field.type == "money" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}" if value % 100 else str(value // 100)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
