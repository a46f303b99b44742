"""Slips in a platform's file are found."""

import shutil
from pathlib import Path

import pytest

from workbench.checks import check_folder

GATEWAY = Path(__file__).parents[2] / "adapters" / "civil_affairs" / "case_gateway"
SLIPS = {
    "surface": ('api = "1.0"', 'api = "1.9"'),
    "known-capability": ('"collect", ', '"colect", '),
    "known-lookup": ('order = "case"', 'order = "case"\nlookups = ["person.nmae"]'),
    "shipped": (".case_gateway.codec", ".case_gateway.codecs"),
    "readable": ('way = "rest"', 'way = "post"'),
}


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GATEWAY, tmp_path / "case_gateway"))


def test_shipped_platform_has_nothing_to_correct(platform: Path) -> None:
    assert check_folder(platform).findings == ()


@pytest.mark.parametrize("rule", SLIPS)
def test_slip_in_a_platform_is_found_by_its_rule(platform: Path, rule: str) -> None:
    path, (old, new) = platform / "platform.toml", SLIPS[rule]
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    assert rule in {finding.rule for finding in check_folder(platform).findings}
