"""What the intake form shows: sections with controls, values, origins and problems, ready for the ui macros."""

from collections.abc import Mapping
from typing import Any

from ..cases.models import DraftRow
from ..catalogue.form import FormField
from ..store.problems import Problem
from ..web.departments import department
from ..web.language import bilingual, current_locale
from .check_form import asked_sections, is_asked
from .consents import SIGNED, given_words
from .judge import Ready

Problems = Mapping[str, Problem]


def draw_sections(ready: Ready, draft: DraftRow, problems: Problems) -> list[dict[str, Any]]:
    """Give the sections of a form for the template."""
    drawn = []
    for section, counts in asked_sections(ready.form, ready.facts):
        fields = [f for f in section.fields if is_asked(f.when, ready.facts) is not False]
        fields = [f for f in fields if f.type not in ("image", "derived")]
        controls = [draw_field(f, draft, problems, must=f.required and counts) for f in fields]
        for control in controls:
            if control["name"] == SIGNED and (given := bilingual(*given_words(ready.adults))):
                control["hint"] = f"{control['hint']} {given}".strip()
        title = bilingual(section.title_zh, section.title_en)
        drawn.append({"key": section.key, "title": title, "fields": controls, "is_certain": counts})
    return [section for section in drawn if section["fields"]]


def draw_field(field: FormField, draft: DraftRow, problems: Problems, *, must: bool) -> dict[str, Any]:
    """Give the arguments of ui.field for one field."""
    value = (draft.values or {}).get(field.key)
    problem = problems.get(field.key)
    drawn: dict[str, Any] = {
        "name": field.key,
        "label": bilingual(field.label_zh, field.label_en),
        "type": field.type,
        "value": shown(field, value),
        "hint": bilingual(field.help_zh, field.help_en),
        "error": problem.text(current_locale()) if problem else "",
        "required": must,
        "options": options(field),
        "origin": draw_origin(field, value, (draft.origins or {}).get(field.key), problem),
    }
    if field.type == "table":
        drawn["columns"] = [_column(column) for column in field.columns]
        drawn["rows"] = [_row(field, number, row, problems) for number, row in enumerate(value or [])]
    return drawn


def options(field: FormField) -> tuple[tuple[str, str], ...]:
    """Give a field's choices in the language of the page."""
    return field.options(current_locale())


def draw_origin(field: FormField, value: Any, origin: Mapping[str, Any] | None, problem: Problem | None) -> Any:
    """Say where a value comes from; nothing for a field nobody has answered."""
    if not origin or value in (None, "", []):
        return None
    wants_reason = problem is not None and problem.code == "reason_missing"
    return {
        "rank": origin.get("rank", "word"),
        "source": department(origin.get("source", "")),
        "as_of": origin.get("as_of", ""),
        "held": shown(field, origin.get("held")),
        "reason": origin.get("reason", ""),
        "reason_error": problem.text(current_locale()) if wants_reason and problem else "",
        "conflicts": [_draw_conflict(field, other) for other in origin.get("conflicts", ())],
    }


def _draw_conflict(field: FormField, other: Mapping[str, Any]) -> dict[str, Any]:
    return {**other, "text": words(field, other["value"]), "source": department(other.get("source", ""))}


def shown(field: FormField, value: Any) -> Any:
    """Give a value as its control shows it: yuan for fen, true/false for yes and no."""
    if field.type == "money" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}" if value % 100 else str(value // 100)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


#: Problems whose words name the field themselves.
NAMED = ("missing", "unsigned")


def error_list(fields: Mapping[str, FormField], problems: Problems) -> list[tuple[str, str]]:
    """Give control names and texts for the list above the form, each text naming its field."""
    return [(name, _named(fields, name, problem)) for name, problem in problems.items()]


def _named(fields: Mapping[str, FormField], name: str, problem: Problem) -> str:
    text = problem.text(current_locale())
    key, _, cell = name.partition("-")
    if problem.code in NAMED or key not in fields:
        return text
    column = next((c for c in fields[key].columns if c.key == cell.partition("-")[2]), None)
    labels = [bilingual(field.label_zh, field.label_en) for field in (fields[key], column) if field]
    return f"{' · '.join(labels)}{bilingual('：', ': ')}{text}"


def words(field: FormField, value: Any) -> str:
    """Give a value in words, for reading."""
    if value in (None, "", []):
        return ""
    if field.type == "bool":
        return bilingual("是", "Yes") if value in (True, "true") else bilingual("否", "No")
    if field.type == "table":
        return "；".join(" ".join(words(c, row.get(c.key)) for c in field.columns).strip() for row in value)
    if field.type == "multi":
        return "、".join(words_of_code(field, one) for one in value)
    if field.type == "range":
        return f"{value.get('from', '')} – {value.get('to', '')}"
    if field.type == "signature":
        return bilingual("已在纸上签名", "Signed on paper") if value == "paper" else bilingual("已签名", "Signed")
    if field.type == "money":
        return f"{shown(field, value)} {bilingual('元', 'yuan')}"
    return words_of_code(field, value)


def words_of_code(field: FormField, value: Any) -> str:
    """Give the words of a code, or the value itself."""
    code = field.choices.get(str(value))
    return code.label(current_locale()) if code else str(value)


def _column(column: FormField) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": bilingual(column.label_zh, column.label_en),
        "type": column.type,
        "required": column.required,
        "options": options(column),
    }


def _row(field: FormField, number: int, row: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    cells = {column.key: shown(column, row.get(column.key)) for column in field.columns}
    errors = {
        column.key: problems[name].text(current_locale())
        for column in field.columns
        if (name := f"{field.key}-{number}-{column.key}") in problems
    }
    return cells | {"errors": errors}


def summary(ready: Ready, draft: DraftRow, form_url: str) -> list[dict[str, Any]]:
    """Give all answers to be checked with the resident, each with what it overrules."""
    groups = []
    for section, _ in asked_sections(ready.form, ready.facts):
        rows = [_answer(field, draft, form_url) for field in section.fields if field.type != "image"]
        answered = [row for row in rows if row["value"]]
        if answered:
            groups.append({"title": bilingual(section.title_zh, section.title_en), "rows": answered})
    return groups


def _answer(field: FormField, draft: DraftRow, form_url: str) -> dict[str, Any]:
    value, origin = (draft.values or {}).get(field.key), (draft.origins or {}).get(field.key, {})
    overruled = origin.get("rank") in ("department", "document") and origin.get("held") != value
    return {
        "key": bilingual(field.label_zh, field.label_en),
        "value": words(field, value),
        "change_url": f"{form_url}#f-{field.key}",
        "was": words(field, origin.get("held")) if overruled else "",
        "source": " ".join(part for part in (department(origin.get("source", "")), origin.get("as_of", "")) if part),
    }
