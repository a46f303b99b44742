"""The table of security requirements is whole: nothing left out, no empty cell, every test it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "workbench/docs/security.md").read_text("utf-8")
#: Section -> numbers of its requirements of levels 1 and 2, as OWASP ASVS 5.0.0 has them.
REQUIRED = [
    f"V{section}.{number}"
    for section, numbers in (
        line.split(": ") for line in (ROOT / "tests/docs/asvs_5_0_levels_1_2.txt").read_text().splitlines()
    )
    for number in numbers.split()
]
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| V")
]
SAID = {row[0]: row[1:] for row in ROWS}


def test_every_requirement_has_its_row_once() -> None:
    assert [row[0] for row in ROWS] == REQUIRED
    assert len(REQUIRED) == 253


@pytest.mark.parametrize("requirement", REQUIRED)
def test_row_is_whole_and_its_test_exists(requirement: str) -> None:
    how, proof = SAID[requirement]
    assert len(how) > 2
    if proof == "n/a":
        assert how.startswith(
            ("n/a", "The proxy's", "The service manager's", "A matter of the place", "There are none")
        )
        return
    path, _, name = proof.strip("`").partition("::")
    assert (ROOT / path).exists(), proof
    assert not name or re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), proof


def test_every_package_is_pinned() -> None:
    wanted = re.findall(
        r'^  "([A-Za-z0-9_-]+)', (ROOT / "pyproject.toml").read_text().partition("[project.scripts]")[0], re.M
    )
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    missing = {name for name in wanted if name.lower().replace("_", "-") not in pinned} - {"round-table-workbench"}
    assert missing == set()


def test_reporting_says_where_and_how_fast() -> None:
    said = (ROOT / "SECURITY.md").read_text("utf-8")
    assert "workbench/docs/security.md" in said
    assert all(word in said for word in ("Report", "days", "Supported"))
