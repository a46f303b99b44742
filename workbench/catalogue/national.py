"""An item as one row of the national exchange tables, and such a row read back as changes of the item.

Which column holds which part is declared in national_columns.toml. What no column holds is never touched by a row.
"""

import csv
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..api.manifest import ItemManifest
from ..store.problems import Problem
from .codes import load_codes
from .item_words import plain
from .items import Item

FOLDER = Path(__file__).parent
FREE = ("", "不收费", "免费")
EXTENSION = "extend_field"


@dataclass(frozen=True, slots=True)
class Column:
    """One national column: how it is called, how long it may be, and what of an item it holds."""

    name: str
    label: str
    part: str
    is_mandatory: bool
    longest: int  # 0 = no limit
    ours: str = ""
    kind: Literal["text", "lines", "number", "day"] = "text"
    codes: tuple[tuple[str, str], ...] = ()
    table: str = ""
    required: bool = False
    is_key: bool = False
    derived: str = ""
    carries: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Tell whether anything of an item stands in it."""
        return bool(self.ours or self.derived or self.carries)


@cache
def columns() -> Mapping[str, Column]:
    """Give all national columns in their order."""
    held = tomllib.loads((FOLDER / "national_columns.toml").read_text("utf-8"))
    with (FOLDER / "standards" / "national_item_columns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["column"]: _column(row, held.get(row["column"], {})) for row in rows}


def _column(row: Mapping[str, str], held: Mapping[str, Any]) -> Column:
    length = re.fullmatch(r"varchar\((\d+)\)", row["db_type"])
    about = dict(held) | {key: tuple(held[key]) for key in ("carries",) if key in held}
    about["codes"] = tuple(held.get("codes", {}).items())
    longest = int(length[1]) if length else 0
    return Column(row["column"], row["label"], row["table_part"], row["mandatory"] == "1", longest, **about)


def beyond() -> list[str]:
    """List the parts of an item no national column holds, not even the extension: a table leaves them as they are."""
    held = {column.ours for column in columns().values()} | {"version", "division", "steps"}
    carried = columns()[EXTENSION].carries
    return [key for key in ItemManifest.model_fields if key not in held and key not in carried]


@dataclass(frozen=True, slots=True)
class Batch:
    """What all rows of one table have in common."""

    division: str
    number: str
    at: datetime


def write_row(item: Item, batch: Batch) -> dict[str, str]:
    """Give an item as text by national column; what we do not hold is empty, never made up."""
    return {name: _write(item, column, batch) for name, column in columns().items()}


def _write(item: Item, column: Column, batch: Batch) -> str:
    if column.ours:
        return _write_value(column, plain(item.manifest, column.ours))
    if column.carries:
        carried = {key: plain(item.manifest, key) for key in ("version", "division", *column.carries)}
        kept = {key: value for key, value in carried.items() if value not in ("", None)}
        return json.dumps(kept, ensure_ascii=False)
    return _derive(item, column.derived, batch) if column.derived else ""


def _write_value(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "lines":
        return "\n".join(value)
    return dict(column.codes).get(str(value), "" if column.codes else str(value))


def _derive(item: Item, what: str, batch: Batch) -> str:
    match what:
        case "version":
            return str(number_of(item.manifest.version))
        case "flow":
            return _flow(item.manifest)
        case "fee":
            return _is_fee(item.manifest.fee)
        case "town":
            return batch.division[:9] if len(batch.division) >= 9 else ""
        case "village":
            return batch.division if len(batch.division) >= 12 else ""
        case "guid":
            return item.digest[:32]
        case "time":
            return f"{batch.at:%Y-%m-%d %H:%M:%S}"
    return batch.number


def _flow(manifest: ItemManifest) -> str:
    return "\n".join(f"{number}. {step.name}（{step.actor}）" for number, step in enumerate(manifest.steps, start=1))


def _is_fee(fee: str) -> str:
    return "" if not fee else "0" if fee in FREE else "1"


def number_of(version: str) -> int:
    """Number a version as the tables do: 1 is what the line shipped, each correction one more."""
    _shipped, _plus, correction = version.partition("+")
    return 1 + int(correction) if correction.isascii() and correction.isdigit() else 1


def read_row(item: Item, row: Mapping[str, str], division: str) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Give what a row changes of an item, and what is wrong by column; a column that is absent changes nothing."""
    changes: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for name, text in row.items():
        column = columns()[name]
        try:
            changes |= _read(item, column, text.strip(), division)
        except Problem as problem:
            problems[name] = problem
    _agree(item, row, changes, problems)
    return {key: value for key, value in changes.items() if value != plain(item.manifest, key)}, problems


def _read(item: Item, column: Column, text: str, division: str) -> dict[str, Any]:
    if column.longest and len(text) > column.longest:
        zh, en = f"超过国家字段的{column.longest}个字。", f"Longer than the {column.longest} characters of the column."
        raise Problem("too_long", zh, en, column.name)
    if column.carries:
        return _read_extension(item, column, text)
    if column.derived:
        _compare(item, column, text, division)
        return {}
    if not column.ours or column.is_key:
        return {}
    if not text and column.required:
        raise Problem("empty", "此列不能为空。", "This column must not be empty.", column.name)
    return {column.ours: _read_value(column, text, plain(item.manifest, column.ours))}


def _read_value(column: Column, text: str, held: Any) -> Any:
    if column.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if column.kind == "number":
        return _number(column, text)
    if column.kind == "day":
        return _day(column, text)
    if column.codes:
        ours = {theirs: mine for mine, theirs in column.codes}
        if text and text not in ours:
            known = "、".join(ours)
            zh, en = f"“{text[:20]}”不是可用的代码（{known}）。", f"“{text[:20]}” is none of the codes {known}."
            raise Problem("unknown_code", zh, en, column.name)
        return ours[text] if text else ("" if column.ours == "anywhere" else held)
    if column.table and text and text not in load_codes(column.table):
        zh, en = f"代码表里没有“{text[:20]}”。", f"“{text[:20]}” is not in the code table."
        raise Problem("unknown_code", zh, en, column.name)
    return text


def _number(column: Column, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Problem("not_a_number", "应为整数天数。", "Write a whole number of days.", column.name)
    return int(text)


def _day(column: Column, text: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-")[:10]).isoformat()
    except ValueError:
        raise Problem("not_a_day", "应为日期，如 2026-11-22。", "Write a day like 2026-11-22.", column.name) from None


def _read_extension(item: Item, column: Column, text: str) -> dict[str, Any]:
    """Read our own part of the extension; one that another system wrote is left alone."""
    if not text:
        return {}
    try:
        said = json.loads(text)
    except ValueError:
        zh, en = "扩展字段应为导出时的JSON，请保持其格式。", "The extension is JSON as it was exported; keep it."
        raise Problem("not_json", zh, en, column.name) from None
    if not isinstance(said, dict) or "version" not in said:
        return {}
    if said["version"] != item.manifest.version:
        raise _older(str(said["version"])[:20], item.manifest.version, column.name)
    return {key: _said(column, key, value) for key, value in said.items() if key in column.carries}


def _said(column: Column, key: str, value: Any) -> Any:
    is_days = key.endswith("_days")
    if isinstance(value, bool) or not isinstance(value, int if is_days else str):
        zh, en = f"扩展字段中“{key}”的值不对。", f"The value of “{key}” in the extension is not usable."
        raise Problem("not_usable", zh, en, column.name)
    return value


def _older(said: str, stands: str, column: str) -> Problem:
    zh = f"此行按版本{said}导出，现在有效的是{stands}。请重新导出后再改。"
    en = f"This row was exported from version {said}; now {stands} is in force. Export again and change that."
    return Problem("older", zh, en, column)


def _compare(item: Item, column: Column, text: str, division: str) -> None:
    """Refuse what a table says of another version or place, or of what a table cannot change."""
    if not text or column.derived in ("guid", "time", "batch", "fee"):
        return
    if column.derived == "version" and text != str(number_of(item.manifest.version)):
        raise _older(text[:20], str(number_of(item.manifest.version)), column.name)
    if column.derived in ("town", "village") and not division.startswith(text[: 9 if column.derived == "town" else 12]):
        zh, en = "此行属于别的区划，请在那里的站点导入。", "This row belongs to another place; import it at its hub."
        raise Problem("other_place", zh, en, column.name)
    if column.derived == "flow" and text.split() != _flow(item.manifest).split():
        zh = "办理流程不能用表格修改，请恢复原文或请部门修改条线文件。"
        en = "Steps cannot be changed by a table: put the words back, or ask the line's owner to change its files."
        raise Problem("steps", zh, en, column.name)


def _agree(item: Item, row: Mapping[str, str], changes: Mapping[str, Any], problems: dict[str, Problem]) -> None:
    """Refuse columns that contradict each other."""
    units = {row[name].strip() for name in ("anticipate_type", "promise_type") if row.get(name, "").strip()}
    if len(units) > 1 and "promise_type" not in problems:
        zh, en = "法定与承诺时限须用同一单位。", "Statutory and promised days must have the same unit."
        problems["promise_type"] = Problem("two_units", zh, en, "promise_type")
    fee = row.get("is_fee", "").strip()
    if fee and fee != _is_fee(changes.get("fee", item.manifest.fee)) and "is_fee" not in problems:
        zh = "与扩展字段中的收费（fee）不一致，请一并修改。"
        problems["is_fee"] = Problem("fee", zh, "Differs from the fee in the extension: change both.", "is_fee")
