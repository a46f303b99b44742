"""Fills any item's form as a worker would, with values that fit each field's type; shared by many tests."""

from typing import Any

from workbench.catalogue.form import Form, FormField

ID_NO = "990100196001019018"

TYPED: dict[str, Any] = {
    "text": "测试文字",
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
}


def id_number(first17: str) -> str:
    """Complete an ID number with its check digit (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


def fitting_value(field: FormField) -> Any:
    """Give a value a worker might enter."""
    if field.type == "table":
        return [{column.key: fitting_value(column) for column in field.columns}]
    if field.type == "multi":
        return list(field.choices)[:1]
    if field.type == "range":
        return {"from": "2026-01", "to": "2026-03"}
    if field.type == "id_no":
        return id_number("99010019800101901")
    if field.choices:
        return next(iter(field.choices))
    return TYPED.get(field.type, "1")


def fitting_values(form: Form) -> dict[str, Any]:
    """Give a value for every field of a form."""
    return {key: fitting_value(field) for key, field in form.fields.items() if field.type not in ("derived", "image")}
