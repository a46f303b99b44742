"""Reads what a form posted into values by field type. What cannot be read stays as typed, with a problem beside it.

Values: text, ISO days, numbers, fen for money, True/False for yes/no, lists of mappings for tables,
{"from", "to"} for ranges, "file:<digest>" for images and signatures, "paper" for a signature on paper.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from ..catalogue.form import FormField
from ..people.bank_account import read_bank_account
from ..people.id_number import read_id_number
from ..people.phone import read_phone
from ..people.scans import make_safe
from ..store.problems import Problem

LONGEST_TEXT, MOST_ROWS = 2000, 60
PNG = "data:image/png;base64,"
Form = MultiDict[str, str]


@dataclass
class Reading:
    """What was read: values by field key, and problems by the name of the control they belong to."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)


def read_fields(posted: Form, fields: Mapping[str, FormField], keep_file: Callable[[bytes], str]) -> Reading:
    """Read the fields that were posted; a field that is not in the form is left alone."""
    reading = Reading()
    for key, asked in fields.items():
        if asked.type == "table":
            if f"{key}-rows" in posted:
                reading.values[key] = _read_table(posted, key, asked, reading, keep_file)
        elif asked.type == "signature":
            _read_signature(posted, key, reading, keep_file)
        elif asked.type == "multi":
            if f"{key}__asked" in posted or key in posted:
                reading.values[key] = [value for value in posted.getlist(key) if value in asked.choices]
        elif asked.type == "range":
            if f"{key}-from" in posted:
                ends = {"from": posted[f"{key}-from"].strip(), "to": posted.get(f"{key}-to", "").strip()}
                reading.values[key] = ends if any(ends.values()) else None
        elif asked.type not in ("derived", "image") and key in posted:
            reading.values[key] = _read_one(posted[key], asked, key, reading)
    return reading


def _read_one(text: str, asked: FormField, name: str, reading: Reading) -> Any:
    text = text.strip()[:LONGEST_TEXT]
    if not text:
        return None
    try:
        return READERS.get(asked.type, _read_text)(text, asked)
    except Problem as problem:
        reading.problems[name] = problem.at(name)
        return text


def _read_table(
    posted: Form, key: str, asked: FormField, reading: Reading, keep_file: Callable[[bytes], str]
) -> list[dict[str, Any]]:
    count = min(int(posted[f"{key}-rows"]) if posted[f"{key}-rows"].isdecimal() else 0, MOST_ROWS)
    removed = posted.get("_remove", "")
    rows = []
    for number in range(count):
        if removed == f"{key}-{number}":
            continue
        names = {column.key: f"{key}-{number}-{column.key}" for column in asked.columns}
        row = read_fields(posted, {names[column.key]: column for column in asked.columns}, keep_file)
        reading.problems |= row.problems
        rows.append({column.key: row.values.get(names[column.key]) for column in asked.columns})
    if posted.get("_add") == key and len(rows) < MOST_ROWS:
        rows.append({column.key: None for column in asked.columns})
    elif "_add" not in posted:
        rows = [row for row in rows if any(value not in (None, "") for value in row.values())]
    return rows


def _read_signature(posted: Form, key: str, reading: Reading, keep_file: Callable[[bytes], str]) -> None:
    drawn = posted.get(key, "")
    if drawn.startswith(PNG):
        try:
            _, safe = make_safe(base64.b64decode(drawn.removeprefix(PNG), validate=True))
            reading.values[key] = f"file:{keep_file(safe)}"
        except (binascii.Error, Problem):
            zh, en = "签名没有保存成功，请重新签名。", "The signature could not be kept. Sign again."
            reading.problems[key] = Problem("signature_unreadable", zh, en, field=key)
    elif posted.get(f"{key}-paper"):
        reading.values[key] = "paper"
    elif drawn.startswith("file:"):
        reading.values[key] = drawn
    elif key in posted:
        reading.values[key] = None


def _read_text(text: str, asked: FormField) -> str:
    return text


def _read_code(text: str, asked: FormField) -> str:
    if asked.choices and text not in asked.choices:
        raise Problem("not_a_choice", "请从列表中选择。", "Choose one from the list.")
    return text


def _read_date(text: str, asked: FormField) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        zh, en = "日期应为 2026-11-22 这样的格式。", "Write the date like 2026-11-22."
        raise Problem("not_a_date", zh, en) from None


def _read_number(text: str, asked: FormField) -> int | float:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > Decimal(10) ** 12:
        raise Problem("not_a_number", "请只填写数字。", "Enter digits only.")
    return int(number) if number == int(number) else float(number)


def _read_money(text: str, asked: FormField) -> int:
    """Read yuan as typed and give fen."""
    yuan = Decimal(str(_read_number(text.removesuffix("元").strip(), asked)))
    if yuan < 0:
        raise Problem("negative_amount", "金额不能为负数。", "An amount cannot be below zero.")
    return int((yuan * 100).to_integral_value())


def _read_bool(text: str, asked: FormField) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _read_month(text: str, asked: FormField) -> str:
    return _read_date(f"{text[:7]}-01", asked)[:7]


def _read_year(text: str, asked: FormField) -> int:
    year = _read_number(text, asked)
    if not 1900 <= year <= 2200:
        raise Problem("not_a_year", "年份应为四位数字。", "Enter the year with four digits.")
    return int(year)


READERS: Mapping[str, Callable[[str, FormField], Any]] = {
    "code": _read_code,
    "date": _read_date,
    "number": _read_number,
    "money": _read_money,
    "bool": _read_bool,
    "month": _read_month,
    "year": _read_year,
    "phone": lambda text, asked: read_phone(text),
    "id_no": lambda text, asked: read_id_number(text).number,
    "bank": lambda text, asked: read_bank_account(text),
}


def find_unreadable(values: Mapping[str, Any], fields: Mapping[str, FormField]) -> dict[str, Problem]:
    """Find kept values that cannot be read as their type, because they were typed wrong and saved all the same."""
    reading = Reading()
    for key, asked in fields.items():
        value = values.get(key)
        if asked.type == "table" and isinstance(value, list):
            for number, row in enumerate(value):
                for column in asked.columns:
                    _read_again(row.get(column.key), column, f"{key}-{number}-{column.key}", reading)
        else:
            _read_again(value, asked, key, reading)
    return reading.problems


def _read_again(value: Any, asked: FormField, name: str, reading: Reading) -> None:
    if isinstance(value, str) and asked.type in READERS:
        _read_one(value, asked, name, reading)
