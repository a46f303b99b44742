"""The report of an import, row by row, as a file and as a page; it names columns and reasons, never what was typed."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from sqlmodel import col, select

from ..store.context import Context
from ..web.language import _, current_locale
from .models import ImportedRow


def row_states() -> dict[str, str]:
    """Give what each state of a row is called."""
    return {
        "new": _("new file"),
        "known": _("more about somebody on file"),
        "same": _("nothing new"),
        "likely": _("somebody like this is on file"),
        "refused": _("refused"),
    }


def undone_words() -> dict[str, str]:
    """Give what became of a row when the import was taken back."""
    return {
        "": "",
        "withdrawn": _("taken back"),
        "closed": _("taken back, the file is closed"),
        "file_stays": _("taken back; the file stays because it has been used since"),
        "changed_since": _("the household stays: it changed since"),
    }


def read_report(ctx: Context, import_id: str, states: Iterable[str] = (), most: int | None = None) -> list[ImportedRow]:
    """Give the rows of an import in their order, some states only when they are named."""
    query = select(ImportedRow).where(ImportedRow.import_id == import_id).order_by(col(ImportedRow.number))
    wanted = list(states)
    if wanted:
        query = query.where(col(ImportedRow.state).in_(wanted))
    return list(ctx.session.exec(query.limit(most) if most else query))


def draw_row(row: ImportedRow) -> dict[str, Any]:
    """Give one row in words."""
    english = current_locale().startswith("en")
    said = [
        f"{name}: {en if english else zh}" if name else (en if english else zh)
        for name, zh, en in row.problems.get("list", [])
    ]
    return {
        "number": row.number,
        "state": row.state,
        "word": row_states()[row.state],
        "reasons": said,
        "person_id": row.person_id or "",
        "likely": row.made.get("likely", []),
        "undone": undone_words().get(row.undone, row.undone),
    }


def write_report(rows: Sequence[ImportedRow]) -> bytes:
    """Give the report as an Excel file."""
    head = [_("Row"), _("State"), _("Why"), _("After it was taken back")]
    drawn = [draw_row(row) for row in rows]
    return write_sheet(
        _("Report"), head, ([str(one["number"]), one["word"], " ".join(one["reasons"]), one["undone"]] for one in drawn)
    )


#: Title, heading, rows of one sheet.
Sheet = tuple[str, Sequence[str], Iterable[Sequence[str]]]


def write_sheet(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Give a workbook of one sheet; every cell is text, so no number is rounded and nothing becomes a formula."""
    return write_sheets([(title, head, rows)])


def write_sheets(sheets: Iterable[Sheet]) -> bytes:
    """Give a workbook of several sheets, all text."""
    buffer = io.BytesIO()
    plain = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "in_memory": True, **plain})
    bold = book.add_format({"bold": True})
    for title, head, rows in sheets:
        sheet = book.add_worksheet(title[:31])
        for column, name in enumerate(head):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, 18)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text[:32_000])
        sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
