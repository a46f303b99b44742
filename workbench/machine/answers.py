"""Turns a machine's typed values into what the page's form would have posted, so that one reader reads both.

JSON types are asked strictly: a number is a number, money is whole fen, a day is 2026-11-22. What the form's
reader would quietly drop or cut is refused here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MultiDict

from ..catalogue.form import Form, FormField
from ..reception.read_form import LONGEST_TEXT, MOST_ROWS, PNG
from ..store.problems import Problem

LONGEST_SIGNATURE = 300_000
LARGEST_NUMBER = 10**12
DAY, MONTH = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), re.compile(r"\d{4}-\d{2}", re.ASCII)
Posted = MultiDict[str, str]


class Unfit(Exception):
    """A value is not of its field's type."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.words = code, zh, en


def wrong_type(wanted_zh: str, wanted_en: str) -> Unfit:
    """Say what is wanted instead."""
    return Unfit("wrong_type", f"应为{wanted_zh}。", f"Give {wanted_en}.")


def place_of(control: str) -> str:
    """Name the value a control of the page stands for: `members-0-name` is values.members.0.name."""
    return f"values.{control.replace('-', '.')}"


def to_posted(values: Mapping[str, Any], form: Form) -> tuple[Posted, dict[str, Problem]]:
    """Write values as a form posts them; gives what is wrong by control."""
    posted: Posted = MultiDict()
    problems: dict[str, Problem] = {}
    for key, value in values.items():
        field = form.fields.get(key)
        try:
            if field is None:
                raise Unfit("unknown_field", "此事项没有这一项。", "This item has no such field.")
            WRITERS.get(field.type, _write_one)(posted, field, value)
        except Unfit as unfit:
            problems[key] = Problem(*unfit.words, field=place_of(key)[:100])
    return posted, problems


def _write_one(posted: Posted, field: FormField, value: Any) -> None:
    posted[field.key] = text_of(field, value)


def _write_table(posted: Posted, field: FormField, value: Any) -> None:
    rows = [] if value is None else value
    columns = {column.key: column for column in field.columns}
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.keys() <= columns.keys() for row in rows):
        names = ", ".join(columns)
        raise wrong_type(f"行的列表，列为 {names}", f"a list of rows with the columns {names}")
    if len(rows) > MOST_ROWS:
        raise Unfit("too_many", f"最多 {MOST_ROWS} 行。", f"At most {MOST_ROWS} rows.")
    posted[f"{field.key}-rows"] = str(len(rows))
    for number, row in enumerate(rows):
        for key, cell in row.items():
            column = replace(columns[key], key=f"{field.key}-{number}-{key}")
            WRITERS.get(column.type, _write_one)(posted, column, cell)


def _write_multi(posted: Posted, field: FormField, value: Any) -> None:
    chosen = [] if value is None else value
    if not isinstance(chosen, list) or not all(isinstance(one, str) and one in field.choices for one in chosen):
        raise Unfit("not_a_choice", "应为选项值的列表。", "Give a list of the field's options.")
    posted[f"{field.key}__asked"] = "1"
    posted.setlist(field.key, chosen)


def _write_range(posted: Posted, field: FormField, value: Any) -> None:
    ends = {} if value is None else value
    if not isinstance(ends, dict) or not ends.keys() <= {"from", "to"}:
        raise wrong_type('{"from": …, "to": …}', '{"from": …, "to": …}')
    for end in ("from", "to"):
        posted[f"{field.key}-{end}"] = _plain(ends.get(end, ""))


def _write_signature(posted: Posted, field: FormField, value: Any) -> None:
    if value == "paper":
        posted[f"{field.key}-paper"] = "1"
    elif isinstance(value, str) and value.startswith(PNG) and len(value) <= LONGEST_SIGNATURE:
        posted[field.key] = value
    elif value is None:
        posted[field.key] = ""
    else:
        raise wrong_type("“paper”（已在纸上签名）或 PNG 图片的 data URL", '"paper", or a data URL of a PNG image')


def _refuse(posted: Posted, field: FormField, value: Any) -> None:
    raise Unfit("not_taken", "此项不接收。", "This field is not taken here.")


WRITERS: Mapping[str, Callable[[Posted, FormField, Any], None]] = {
    "table": _write_table,
    "multi": _write_multi,
    "range": _write_range,
    "signature": _write_signature,
    "derived": _refuse,
    "image": _refuse,
}


def text_of(field: FormField, value: Any) -> str:
    """Write one value as it is typed on the page; raises Unfit."""
    if value is None:
        return ""
    match field.type:
        case "bool":
            return str(_kind(value, bool, "true 或 false", "true or false")).lower()
        case "number":
            return str(_number(value, (int, float)))
        case "year":
            return str(_number(value, (int,)))
        case "money":
            fen = _number(value, (int,))
            return f"{fen // 100}.{fen % 100:02d}" if fen >= 0 else "-1"
        case "date" | "month" if isinstance(value, str):
            if value and not (DAY if field.type == "date" else MONTH).fullmatch(value):
                raise wrong_type("2026-11-22 或 2026-11 格式", "a day as 2026-11-22, a month as 2026-11")
    return _plain(value)


def _plain(value: Any) -> str:
    text: str = _kind(value, str, "文字", "a text")
    if len(text) > LONGEST_TEXT:
        raise Unfit("too_long", f"最多 {LONGEST_TEXT} 个字。", f"At most {LONGEST_TEXT} characters.")
    return text


def _number(value: Any, kinds: tuple[type, ...]) -> Any:
    is_number = isinstance(value, kinds) and not isinstance(value, bool)
    if not is_number or not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise wrong_type("数字（金额为整数分）", "a number (money in whole fen)")
    return value


def _kind(value: Any, kind: type, zh: str, en: str) -> Any:
    if not isinstance(value, kind):
        raise wrong_type(zh, en)
    return value
