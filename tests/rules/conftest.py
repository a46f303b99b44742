"""The expressions of the catalogue (the list kept here, and whatever the lines ship), and a database to try them on."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import running_postgres

HERE = Path(__file__).parent
PLUGINS = HERE.parents[1] / "plugins"


@pytest.fixture(scope="session")
def expressions() -> list[str]:
    kept = (HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
    shipped = [text for path in sorted(PLUGINS.glob("*/items/*.toml")) for text in _expressions_of(path)]
    return list(dict.fromkeys(kept + shipped))


@pytest.fixture(scope="session")
def empty_database_url() -> Iterator[str]:
    """SQLite in memory, or PostgreSQL where WORKBENCH_TEST_DATABASE says so."""
    if os.environ.get("WORKBENCH_TEST_DATABASE") == "postgresql":
        with running_postgres() as url:
            yield url
    else:
        yield "sqlite://"


def _expressions_of(path: Path) -> Iterator[str]:
    item = tomllib.loads(path.read_text(encoding="utf-8"))
    yield from item.get("rules", [])
    yield from item.get("exclusions", [])
    for part in (*item.get("fields", []), *item.get("materials", [])):
        if part.get("when"):
            yield part["when"]
