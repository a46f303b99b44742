"""The accepted form in words: every answer with its question and where it came from, numbers masked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..api.manifest import ItemManifest
from ..catalogue.form import Form, FormField, form_of
from ..people.view import mask_value
from ..web.departments import department
from .who_came import came_source, came_words

#: rank of an origin -> its words.
RANKS = {
    "department": ("部门", "department"),
    "document": ("证件", "document"),
    "word": ("本人陈述", "the resident's word"),
}

ID_NUMBER = re.compile(r"\d{17}[\dXx]")
#: The source of what was said at the table; its rank says it already.
OWN_WORD = "本人"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer; `was` is the source's value where it was overruled."""

    key: str
    value: str
    source: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of one section."""

    title: str
    rows: tuple[Answer, ...]


def frozen_form(item: ItemManifest, content: Mapping[str, Any], locale: str) -> list[Group]:
    """Put what was accepted into words, section by section; what has no question any more stands last."""
    form, values = form_of(item), dict(content.get("values") or {})
    groups = [
        Group(
            section.title_en if locale == "en" else section.title_zh,
            tuple(_answer(f, values[f.key], content, locale) for f in section.fields if f.key in values),
        )
        for section in form.sections
    ]
    came = content.get("came")
    if came:
        title = "Who came for the applicant" if locale == "en" else "到场办理人"
        groups.insert(0, Group(title, (Answer(title, came_words(came, locale), came_source(came, locale)),)))
    left = tuple(Answer(key, hide_numbers(str(value))) for key, value in values.items() if _is_left(form, key))
    groups.append(Group("其他" if locale != "en" else "Other", left))
    return [group for group in groups if group.rows]


def _is_left(form: Form, key: str) -> bool:
    return key not in form.fields and not key.startswith("_")


def _answer(field: FormField, value: Any, content: Mapping[str, Any], locale: str) -> Answer:
    origin = (content.get("origins") or {}).get(field.key) or {}
    overruled = origin.get("rank") in ("department", "document") and origin.get("held") != value
    source = origin_words(origin, locale)
    if overruled and origin.get("reason"):
        source += (" · Reason: " if locale == "en" else " · 理由：") + str(origin["reason"])
    was = say_value(field, origin.get("held"), locale) if overruled else ""
    return Answer(field.label(locale), say_value(field, value, locale), source, was)


def origin_words(origin: Mapping[str, Any], locale: str) -> str:
    """Say where a value came from and of what day it is."""
    if not origin:
        return ""
    rank = RANKS.get(str(origin.get("rank", "")), ("", ""))[locale == "en"]
    source = "" if origin.get("source") == OWN_WORD else department(str(origin.get("source") or ""))
    return " ".join(dict.fromkeys(part for part in (rank, source, str(origin.get("as_of") or "")) if part))


def say_value(field: FormField, value: Any, locale: str) -> str:
    """Say one value in words, as a person reads it."""
    english = locale == "en"
    if value in (None, "", []):
        return ""
    match field.type:
        case "bool":
            yes = value in (True, "true")
            return ("Yes" if yes else "No") if english else ("是" if yes else "否")
        case "money" if isinstance(value, int):
            return f"{value // 100:,}.{value % 100:02d} {'yuan' if english else '元'}"
        case "signature":
            paper = ("Signed on paper", "已在纸上签名") if value == "paper" else ("Signed", "已签名")
            return paper[not english]
        case "image":
            return "Photo on file" if english else "已存照片"
        case "table" if isinstance(value, list):
            return "；".join(_row(field, row, locale) for row in value)
        case "multi" if isinstance(value, list):
            return "、".join(_code(field, one, locale) for one in value)
        case "range" if isinstance(value, dict):
            return f"{value.get('from', '')} – {value.get('to', '')}"
    return hide_numbers(mask_value(field.type, _code(field, value, locale)))


def hide_numbers(text: str) -> str:
    """Mask identity numbers wherever they stand: disability cards, for one, begin with them."""
    return ID_NUMBER.sub(lambda found: mask_value("id_no", found.group()), text)


def _row(field: FormField, row: Mapping[str, Any], locale: str) -> str:
    return " ".join(filter(None, (say_value(column, row.get(column.key), locale) for column in field.columns)))


def _code(field: FormField, value: Any, locale: str) -> str:
    code = field.choices.get(str(value))
    return code.label(locale) if code else str(value)
