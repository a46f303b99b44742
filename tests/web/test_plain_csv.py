"""A file that spreadsheets open: what somebody typed stays text, whatever it begins with."""

import csv
import io

import pytest

from workbench.meter import export
from workbench.web.plain_csv import write_csv

RISKY = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\n@x", "＝1+1", "＠x", "990100196001019013", "1" * 12)


@pytest.mark.parametrize("text", RISKY)
def test_what_would_become_a_formula_or_number_is_marked_as_text(text: str) -> None:
    content = write_csv([text], [[text, '李，"四"', -5]])

    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == [["\t" + text], ["\t" + text, '李，"四"', "-5"]]


def test_the_file_of_second_entries_holds_no_formula() -> None:
    rows = [{"line": '=HYPERLINK("https://example.invalid")', "typed": -3}]

    head, row = csv.reader(io.StringIO(export.write_file("csv", "x", rows).decode("utf-8-sig"), newline=""))
    assert (head, row) == (["line", "typed"], ["\t" + str(rows[0]["line"]), "-3"])
