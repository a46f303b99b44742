"""Reads a table from Excel or CSV as it stands: what kind each cell is, so that a number is never taken for text.

Excel keeps 15 digits of a number; an ID number that was typed as a number is lost, and nobody can guess it.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from python_calamine import CalamineError, CalamineWorkbook

from ..store.problems import Problem

Kind = Literal["text", "number", "date", "empty"]
MOST_ROWS, MOST_COLUMNS, LARGEST, UNPACKED = 20_000, 80, 20 * 1024 * 1024, 400 * 1024 * 1024
#: Numbers up to here are kept whole by every program; longer ones have lost digits.
EXACT = 10**15
POWER = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and what the file says it is."""

    text: str = ""
    kind: Kind = "empty"

    @property
    def is_broken_number(self) -> bool:
        """Tell whether digits were lost: a long number, or one written with a power of ten."""
        if self.kind == "number":
            return "e" in self.text or len(self.text.lstrip("-").partition(".")[0]) > 15
        return bool(POWER.fullmatch(self.text))


@dataclass(frozen=True)
class Table:
    """The heading and the rows below it; `first` is the number of the first row in the file."""

    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first: int = 2


def read_table(content: bytes, file_name: str) -> Table:
    """Read a file; raises Problem for what is no table or too large."""
    if len(content) > LARGEST:
        zh, en = "文件超过20 MB。请分成几个文件导入。", "The file is larger than 20 MB. Split it."
        raise Problem("file_too_large", zh, en, "file")
    if content.startswith(b"PK\x03\x04"):
        rows = _read_excel(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        zh, en = "这是旧版Excel文件(.xls)。请另存为.xlsx再导入。", "This is an old Excel file (.xls). Save it as .xlsx."
        raise Problem("file_old", zh, en, "file")
    else:
        rows = _read_csv(content)
    return _as_table(rows)


def _read_excel(content: bytes) -> list[list[Cell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                zh, en = "文件解开后过大。请分成几个文件导入。", "The file is too large when unpacked. Split it."
                raise Problem("file_too_large", zh, en, "file")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError):
        zh, en = (
            "读不出这个Excel文件。请用Excel打开后另存为.xlsx再导入。",
            "This Excel file cannot be read. Open it, save it",
        )
        raise Problem("file_unreadable", zh, f"{en} as .xlsx, and import that.", "file") from None


def _cell(value: object) -> Cell:
    match value:
        case "" | None:
            return Cell()
        case bool():
            return Cell("true" if value else "false", "text")
        case int() | float():
            return Cell(_number(float(value)), "number")
        case datetime():
            whole = value.time() == datetime.min.time()
            return Cell(value.date().isoformat() if whole else value.isoformat(" "), "date")
        case date():
            return Cell(value.isoformat(), "date")
    text = str(value).strip()
    return Cell(text, "text") if text else Cell()


def _number(value: float) -> str:
    """Write a number as it was typed where it is whole and exact, else with its power of ten."""
    if value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return f"{value:g}" if abs(value) >= EXACT else repr(value)


def _read_csv(content: bytes) -> list[list[Cell]]:
    text = _decode(content)
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        zh, en = (
            "CSV文件的引号不成对，读不出来。请重新导出。",
            "The quotes of the CSV file do not match. Export it again.",
        )
        raise Problem("file_unreadable", zh, en, "file") from None
    return [[Cell(cell.strip(), "text") if cell.strip() else Cell() for cell in row] for row in rows]


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    zh, en = "只能读UTF-8或GB18030编码的CSV，以及.xlsx文件。", "Only CSV in UTF-8 or GB18030, and .xlsx, can be read."
    raise Problem("file_encoding", zh, en, "file")


def _as_table(rows: list[list[Cell]]) -> Table:
    """Take the first row that has two words as the heading; empty rows at the end are left out."""
    start = next((n for n, row in enumerate(rows[:10]) if sum(cell.kind == "text" for cell in row) >= 2), None)
    if start is None:
        zh, en = (
            "找不到表头。第一行应为各列名称，至少两列。",
            "There is no heading. The first row names the columns, two at least.",
        )
        raise Problem("no_heading", zh, en, "file")
    names = tuple(cell.text for cell in rows[start])[:MOST_COLUMNS]
    body = rows[start + 1 :]
    while body and all(cell.kind == "empty" for cell in body[-1]):
        body.pop()
    if len(body) > MOST_ROWS:
        zh, en = f"超过{MOST_ROWS}行。请分成几个文件导入。", f"More than {MOST_ROWS} rows. Split the file."
        raise Problem("too_many_rows", zh, en, "file")
    if not body:
        raise Problem("no_rows", "表头下面没有数据。", "There are no rows below the heading.", "file")
    width = len(names)
    return Table(names, tuple(tuple((row + [Cell()] * width)[:width]) for row in body), start + 2)
