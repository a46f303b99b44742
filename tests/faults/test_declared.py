"""What is declared about protections is there: code, tests, and the table of the documentation."""

from pathlib import Path

import pytest
from without_protections import TREE, Protection, protections, table

DOCS = TREE / "workbench" / "docs" / "faults.md"


@pytest.mark.parametrize("protection", protections(), ids=lambda one: one.fault)
def test_protection_can_be_taken_away_and_its_tests_exist(protection: Protection, tmp_path: Path) -> None:
    copy = tmp_path / protection.file
    copy.parent.mkdir(parents=True)
    copy.write_text((TREE / protection.file).read_text("utf-8"), "utf-8")

    protection.remove_from(tmp_path)

    compile(copy.read_text("utf-8"), protection.file, "exec")
    for test in protection.tests:
        file, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (TREE / file).read_text("utf-8"), test


def test_documentation_shows_every_protection() -> None:
    assert table() in DOCS.read_text("utf-8")
