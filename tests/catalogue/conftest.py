"""The content as it is shipped, read once and plainly: no room stands between the files and these tests."""

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest

from workbench.api.manifest import ItemManifest

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "workbench" / "catalogue"

Field = dict[str, Any]


@pytest.fixture(scope="session")
def all_items() -> dict[str, ItemManifest]:
    """Every item of every line by its code."""
    found = {}
    for path in sorted((ROOT / "plugins").glob("*/items/*.toml")):
        item = ItemManifest(**tomllib.loads(path.read_text(encoding="utf-8")))
        assert item.code == path.stem
        found[item.code] = item
    return found


@pytest.fixture(scope="session")
def items(all_items: dict[str, ItemManifest]) -> dict[str, ItemManifest]:
    """The items that are described in full."""
    return {code: item for code, item in all_items.items() if item.depth == "deep"}


@pytest.fixture(scope="session")
def groups() -> dict[str, dict[str, Any]]:
    paths = sorted((CATALOGUE / "fields").glob("*.toml"))
    found = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}
    assert all(name == group["group"] for name, group in found.items())
    return found


@pytest.fixture(scope="session")
def dictionary(groups: dict[str, dict[str, Any]]) -> dict[str, Field]:
    """Every shared field by its fact key."""
    return {field["key"]: field for group in groups.values() for field in group["field"]}


@pytest.fixture(scope="session")
def codes() -> dict[str, list[dict[str, str]]]:
    return {path.stem: _rows(path) for path in sorted((CATALOGUE / "codes").glob("*.csv"))}


@pytest.fixture(scope="session")
def life_events() -> dict[str, dict[str, Any]]:
    paths = sorted((CATALOGUE / "life_events").glob("*.toml"))
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="session")
def parameters() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((CATALOGUE / "parameters.toml").read_text(encoding="utf-8"))["parameter"]
    return rows


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
