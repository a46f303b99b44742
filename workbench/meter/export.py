"""The meter as a file: CSV that Excel opens as it is, or a workbook."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from ..web.plain_csv import write_csv

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write_file(kind: str, title: str, rows: Sequence[dict[str, Any]]) -> bytes:
    """Write rows under their headings."""
    if kind == "xlsx":
        return _workbook(title, rows)
    return write_csv(list(rows[0]) if rows else [], [list(row.values()) for row in rows])


def _workbook(title: str, rows: Sequence[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head, sheet = book.add_format({"bold": True, "text_wrap": True}), book.add_worksheet(title[:31])
    for column, name in enumerate(rows[0] if rows else ()):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, 40 if column == 2 else 14)
        for number, row in enumerate(rows, start=1):
            value = row[name]
            sheet.write_string(number, column, value) if isinstance(value, str) else sheet.write_number(
                number, column, value
            )
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
