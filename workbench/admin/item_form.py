"""The form by which a clerk corrects an item, drawn from item_form.toml: how it is read, and what would change."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from werkzeug.datastructures import MultiDict

from ..api.manifest import ItemField, ItemManifest
from ..catalogue.form import FormField, plain_field
from ..reception.read_form import read_fields
from ..reception.screen import draw_field
from ..store.problems import Problem
from ..web.language import _, bilingual

FORM = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FIELDS: Mapping[str, FormField] = {row["key"]: plain_field(ItemField.model_validate(row)) for row in FORM["field"]}
LINES, LONG = frozenset(FORM["lines"]), frozenset(FORM["long"])


def draw(content: Mapping[str, Any], problems: Mapping[str, Problem]) -> list[dict[str, Any]]:
    """Give the arguments of ui.field for every field of the form."""
    values = {key: "\n".join(content.get(key) or ()) if key in LINES else content.get(key) for key in FIELDS}
    holder: Any = SimpleNamespace(values=values, origins={})
    drawn = [draw_field(field, holder, problems, must=field.required) for field in FIELDS.values()]
    return [one | {"type": "textarea"} if one["name"] in LINES | LONG else one for one in drawn]


def read(posted: MultiDict[str, str], held: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Read what was typed into the item's own shape; what cannot be read has a problem and stays as typed."""
    reading = read_fields(posted, FIELDS, lambda content: "")
    changes = dict(reading.values)
    for key in changes:
        if key in LINES:
            changes[key] = [line.strip() for line in (changes[key] or "").splitlines() if line.strip()]
        elif changes[key] is None and FIELDS[key].type == "text":
            changes[key] = ""
    if "materials" in changes:
        changes["materials"] = _materials(changes["materials"], held.get("materials") or [])
    return changes, reading.problems


def _materials(rows: list[dict[str, Any]], held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep what the form does not show of a material, which is known by its name, or else by its place."""
    by_name, taken, found = {row["name"]: row for row in held}, {row["key"] for row in held}, []
    for number, row in enumerate(rows):
        known = by_name.get(row["name"]) or (held[number] if len(rows) == len(held) else {})
        key = known.get("key") or next(new for n in range(1, 1000) if (new := f"added_{n}") not in taken)
        taken.add(key)
        said = {name: value for name, value in row.items() if value is not None}
        found.append({"form": "original", "name": "", "name_en": "", **known, **said, "key": key})
    return found


def differences(before: ItemManifest, content: Mapping[str, Any]) -> list[dict[str, str]]:
    """Say what a correction changes, field by field, in the words of the form."""
    old = before.model_dump(mode="json")
    pairs = [(field, _words(key, old.get(key)), _words(key, content.get(key))) for key, field in FIELDS.items()]
    return [
        {"name": bilingual(field.label_zh, field.label_en), "was": was, "now": now}
        for field, was, now in pairs
        if was != now
    ]


def _words(key: str, value: Any) -> str:
    if key == "materials":
        return "\n".join(_material_words(row) for row in value or [])
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def _material_words(row: Mapping[str, Any]) -> str:
    needed = _("needed") if row.get("required", True) else _("if there is one")
    return f"{row.get('name')} · {row.get('originals', 0)} + {row.get('copies', 0)} · {needed}"
