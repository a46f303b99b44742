"""Answers a resident could give to any field, so that a form of any item can be accepted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .form import Form, FormField

WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
TYPED: dict[str, Any] = {
    "date": "2026-03-02",
    "datetime": "2026-03-02",
    "month": "2026-03",
    "year": 2026,
    "number": 3,
    "money": 120000,
    "bool": True,
    "phone": "19999900001",
    "address": "示范路1号2栋301室",
    "bank": "6222020000000000018",
    "signature": "paper",
    "range": {"from": "2026-01", "to": "2026-03"},
}
#: Shared facts whose text has a form of its own.
TYPED_FACTS = {"disability.card_no": "99010019800101901043"}


def answer_all(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """Answer every field of a form that takes an answer; what is known stays."""
    asked = {key: field for key, field in form.fields.items() if field.type not in ("derived", "image")}
    return {**known, **{key: _join(_answer(field), known.get(key)) for key, field in asked.items()}}


def _join(answer: Any, known: Any) -> Any:
    """Take what is known, with the cells nobody filled in answered."""
    if known in (None, "", []):
        return answer
    if isinstance(known, list) and isinstance(known[0], dict):
        return [answer[0] | {key: value for key, value in row.items() if value is not None} for row in known]
    return known


def _answer(field: FormField) -> Any:
    if field.type == "table":
        return [{column.key: _answer(column) for column in field.columns}]
    if field.type == "multi":
        return list(field.choices)[:1]
    if field.type == "id_no":
        return number_of(date(1980, 1, 1))
    if field.fact in TYPED_FACTS:
        return TYPED_FACTS[field.fact]
    return next(iter(field.choices)) if field.choices else TYPED.get(field.type, "测试文字")


def number_of(born: date, order: int = 901) -> str:
    """Make an ID number of nobody (GB 11643); its division does not exist."""
    body = f"990100{born:%Y%m%d}{order:03}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
