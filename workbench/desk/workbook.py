"""Writes a resident's file as an Excel workbook. All is text: no number is rounded, no cell becomes a formula."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import xlsxwriter

from ..web.language import _
from .resident_file import ResidentFile

WIDE, WIDEST = 10, 60


def write_workbook(file: ResidentFile) -> bytes:
    """Give the workbook: one sheet each for details, cases, documents, the household."""
    buffer = io.BytesIO()
    # Text stays text: an ID number is no number, and what begins with = is no formula.
    plain = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **plain})
    head = book.add_format({"bold": True, "text_wrap": True})
    about = [{_("Resident"): file.name, _("Hub"): file.hub, _("Exported"): f"{file.exported_at} {file.exported_by}"}]
    facts = [_said(asdict(value)) for value in file.facts]
    sheets: dict[str, Sequence[dict[str, Any]]] = {
        _("What is known"): facts,
        _("Cases"): file.cases,
        _("Documents on file"): file.documents,
        _("Household"): file.household,
        _("This export"): about,
    }
    for title, rows in sheets.items():
        _sheet(book, head, title, rows)
    book.close()
    return buffer.getvalue()


def _said(value: dict[str, Any]) -> dict[str, Any]:
    """Give one detail under headings people read."""
    standing = {"counts": _("counts now"), "differs": _("differs"), "past": _("earlier value")}
    rank = {"department": _("department"), "document": _("document seen"), "word": _("the resident's word")}
    return {
        _("Detail"): value["label"],
        _("Value"): value["text"],
        _("Standing"): standing[value["standing"]],
        _("Source"): value["source"],
        _("Kind of source"): rank[value["rank"]],
        _("As of"): value["as_of"],
        _("Recorded"): value["recorded_at"],
        _("Recorded by"): value["recorded_by"],
        _("Purpose"): value["purpose"],
        _("Case number"): value["case_no"],
        _("Reason"): value["reason"],
        _("Key"): value["key"],
    }


def _sheet(book: Any, head: Any, title: str, rows: Iterable[dict[str, Any]]) -> None:
    sheet, found = book.add_worksheet(title[:31]), list(rows)
    names = list(found[0]) if found else []
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, head)
        longest = max(len(str(row[name])) for row in found)
        sheet.set_column(column, column, min(max(longest + 2, WIDE), WIDEST))
    for number, row in enumerate(found, start=1):
        for column, name in enumerate(names):
            sheet.write_string(number, column, str(row[name])[:32_000])
    if names:
        sheet.freeze_panes(1, 0)
