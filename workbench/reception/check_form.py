"""Checks a form before it is accepted: what is missing or wrong, each beside its field, in one list."""

from collections.abc import Mapping
from typing import Any

from ..catalogue.form import Form, FormField, Section
from ..rules.evaluate import evaluate
from ..rules.parse import parse
from ..store.problems import Problem

Facts = Mapping[str, Any]


def is_asked(when: str, facts: Facts) -> bool | None:
    """Tell whether a condition lets a section, field or material be asked: True, False, or None for unknown."""
    return evaluate(parse(when), facts) if when else True


def asked_sections(form: Form, facts: Facts) -> list[tuple[Section, bool]]:
    """Give the sections that are asked, each with whether its required fields are (unknown: asked, not required)."""
    judged = ((section, is_asked(section.when, facts)) for section in form.sections)
    return [(section, verdict is True) for section, verdict in judged if verdict is not False]


def find_missing(form: Form, values: Mapping[str, Any], facts: Facts) -> dict[str, Problem]:
    """Find required fields without a value, by control name."""
    problems: dict[str, Problem] = {}
    for section, counts in asked_sections(form, facts):
        for field in section.fields if counts else ():
            if field.required and is_asked(field.when, facts) is True:
                problems |= _missing_in(field, values.get(field.key))
    return problems


def _missing_in(field: FormField, value: Any) -> dict[str, Problem]:
    if field.type in ("derived", "image"):
        return {}
    if field.type == "table":
        rows = value or []
        empty = {} if rows else {field.key: _missing(field, field.key)}
        cells = (
            (f"{field.key}-{n}-{c.key}", c, row) for n, row in enumerate(rows) for c in field.columns if c.required
        )
        return empty | {name: _missing(c, name) for name, c, row in cells if row.get(c.key) in (None, "")}
    return {field.key: _missing(field, field.key)} if value in (None, "", [], {}) else {}


def _missing(field: FormField, name: str) -> Problem:
    if field.type == "signature":
        return Problem(
            "unsigned",
            "请申请人签名，或勾选已在纸上签名。",
            "Ask the applicant to sign, or tick that it is signed on paper.",
            field=name,
        )
    zh, en = f"请填写：{field.label_zh}。", f"Enter: {field.label_en or field.label_zh}."
    return Problem("missing", zh, en, field=name)


def find_unexplained(values: Mapping[str, Any], origins: Mapping[str, Mapping[str, Any]]) -> dict[str, Problem]:
    """Find values that overrule a department's or a document's without a reason."""
    zh = "该值来自部门或证件，与之不同须写明理由。"
    en = "This value came from a department or document; state why it is different."
    changed = (
        key
        for key, origin in origins.items()
        if origin.get("rank") != "word"
        and key in values
        and overrules(values[key], origin.get("held"))
        and not origin.get("reason")
    )
    return {key: Problem("reason_missing", zh, en, field=key) for key in changed}


def overrules(value: Any, held: Any) -> bool:
    """Tell whether a value says something else than a source did; empty cells of a table that were filled in do not."""
    if not (_is_table(value) and _is_table(held)):
        return bool(value != held)
    if len(value) < len(held):
        return True
    return any(_changes(new, old) for new, old in zip(value, held, strict=False))


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _changes(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return any(new.get(key) != cell for key, cell in old.items() if cell not in (None, "", []))
