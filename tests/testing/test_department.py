"""The books of a pretend department survive its death at any moment, or faults would be found that are none."""

import json
from pathlib import Path

import pytest

from workbench.testing.department import DepartmentHome


@pytest.fixture
def home(tmp_path: Path) -> DepartmentHome:
    made = DepartmentHome(tmp_path, "test.department")
    made.take("first", "N1", "apply", {}, prefix="T")
    return made


def ledger(home: DepartmentHome) -> list[str]:
    return [json.loads(line)["key"] for line in (home.folder / "ledger.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("whole", [True, False])
def test_line_the_books_were_not_closed_on_is_struck_out(home: DepartmentHome, whole: bool) -> None:
    line = json.dumps({"key": "second", "case_no": "N2", "operation": "apply", "reference": "T2"})
    with (home.folder / "ledger.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n" if whole else line[:20])

    again = DepartmentHome(home.folder, home.platform)

    assert ledger(again) == ["first"]
    again.take("second", "N2", "apply", {}, prefix="T")
    assert ledger(again) == ["first", "second"]


def test_ledger_without_any_line_is_no_trouble(home: DepartmentHome) -> None:
    (home.folder / "ledger.jsonl").write_text("")

    assert ledger(DepartmentHome(home.folder, home.platform)) == []


def test_ledger_that_was_closed_stays_as_it_is(home: DepartmentHome) -> None:
    home.take("second", "N2", "apply", {}, prefix="T")

    assert ledger(DepartmentHome(home.folder, home.platform)) == ["first", "second"]
