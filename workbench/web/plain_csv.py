"""Writes CSV that spreadsheets open as text: nothing somebody typed becomes a formula, no number is rounded."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

#: What a spreadsheet takes for the beginning of a formula, full-width too, as those of East Asian languages do.
BEGINS_FORMULA = tuple("=+-@＝＋－＠")
#: Spreadsheets keep so many digits of a number.
DIGITS = 11


def write_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows marked as UTF-8, with a tab before every text that would become a number or formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_safe(name) for name in head])
    writer.writerows([[_safe(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    is_number = (value.isdigit() and len(value) > DIGITS) or (value[:-1].isdigit() and len(value) == 18)
    return f"\t{value}" if is_number or value.lstrip().startswith(BEGINS_FORMULA) else value
