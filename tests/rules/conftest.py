"""The expressions of the catalogue: the list kept here, and whatever the lines ship."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLUGINS = HERE.parents[1] / "plugins"


@pytest.fixture(scope="session")
def expressions() -> list[str]:
    kept = (HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
    shipped = [text for path in sorted(PLUGINS.glob("*/items/*.toml")) for text in _expressions_of(path)]
    return list(dict.fromkeys(kept + shipped))


def _expressions_of(path: Path) -> Iterator[str]:
    item = tomllib.loads(path.read_text(encoding="utf-8"))
    yield from item.get("rules", [])
    yield from item.get("exclusions", [])
    for part in (*item.get("fields", []), *item.get("materials", [])):
        if part.get("when"):
            yield part["when"]
