"""Tables as Excel and other programs make them; shared by tests of imports."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from sitting import id_number

TERMS = {"rank": "department", "source": "民政局 老年人台账", "as_of": "2026-10-31", "reason": "台账入库"}
HEAD = ("姓名", "证件号码", "性别", "手机号", "现住址", "户号", "与户主关系")


def number(sequence: int, birth: str = "19450301") -> str:
    return id_number(f"990100{birth}{sequence:03d}")


def csv_file(*rows: Sequence[str], head: Sequence[str] = HEAD, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in (head, *rows)).encode(encoding)


def excel_file(*rows: Sequence[Any], head: Sequence[str] = HEAD) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for place, row in enumerate((head, *rows)):
        for column, value in enumerate(row):
            sheet.write(place, column, value)
    book.close()
    return buffer.getvalue()
