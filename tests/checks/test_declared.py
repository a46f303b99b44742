"""Slips in a declared platform are found by their rule, with the line."""

import shutil
from pathlib import Path

import pytest

from workbench.checks import check_folder
from workbench.host.discover import read_platform

DEPARTMENT = Path(__file__).parents[1] / "adapters" / "declared" / "department"
SLIPS = {
    "lookup not declared": ("housing", "declared-whole", "[declared.lookup]", "[declared.luukup]"),
    "operation not declared": ("housing", "declared-whole", '"withdraw", ', '"withdraw", "review", '),
    "no sign of life": ("legal_aid", "declared-whole", "[declared.check]", "[declared.chek]"),
    "no path": ("housing", "declared-whole", 'path = "/v1/changes"\n', ""),
    "no operation": ("pensions", "declared-whole", 'operation = "query"\n', ""),
    "no names of files": ("veterans", "declared-whole", "[declared.files]", "[declared.flies]"),
    "map names no field": ("housing", "declared-map", 'ours = "birth_date"', 'ours = "birthdate"'),
    "map gives two values": ("housing", "declared-map", 'ours = "phone"', 'ours = "phone", text = "1"'),
    "no code map": ("rents", "declared-codes", 'codes = "id_type"', 'codes = "id_types"'),
    "signature of no setting": ("legal_aid", "declared-signing", 'X-App = "{app_id}"', 'X-App = "{app}"'),
    "token without a client": ("housing", "declared-signing", 'key = "client_id"', 'key = "client"'),
    "no address": ("rents", "declared-signing", 'key = "database_url"', 'key = "database"'),
    "code means two things": ("housing", "declared-answers", '400 = "refused"', '0 = "refused"'),
    "nobody can refuse": ("pensions", "declared-answers", '02 = "refused"', '02 = "try_later"'),
    "fact not looked up": ("housing", "declared-lookup", 'lookups = ["person.residence_address", ', "lookups = ["),
}


@pytest.fixture
def platform(tmp_path: Path):
    return lambda name: Path(shutil.copytree(DEPARTMENT / name, tmp_path / name))


@pytest.mark.parametrize("name", ["housing", "legal_aid", "pensions", "veterans", "rents", "heating"])
def test_sample_has_nothing_to_correct(platform, name: str) -> None:
    assert check_folder(platform(name)).findings == ()


@pytest.mark.parametrize("slip", SLIPS)
def test_slip_is_found(platform, slip: str) -> None:
    name, rule, old, new = SLIPS[slip]
    path = platform(name) / "platform.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    found = [finding for finding in check_folder(path.parent).findings if finding.rule in (rule, "readable")]

    assert found and found[0].line > 0


def test_state_that_is_no_outcome_is_found(platform) -> None:
    folder = platform("rents")
    path = folder / "codes" / "status.csv"
    path.write_text(path.read_text("utf-8").replace("granted", "grunted"), "utf-8")

    assert "declared-codes" in {finding.rule for finding in check_folder(folder).findings}


def test_platform_without_its_code_map_is_broken_and_says_why(platform) -> None:
    folder = platform("rents")
    (folder / "codes" / "id_type.csv").unlink()

    read = read_platform(folder, "sample")

    assert (read.state, read.reason) == ("broken", "platform.toml: codes/id_type.csv is missing")
