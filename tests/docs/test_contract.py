"""The page about the contract names every promise, in the promise's own words."""

from pathlib import Path

import pytest

import workbench
from workbench.testing.adapter_contract import ADAPTER_PROMISES
from workbench.testing.line_contract import LINE_PROMISES

PAGE = (Path(workbench.__file__).with_name("docs") / "authors" / "contract.md").read_text("utf-8")
PROMISES = {**LINE_PROMISES, **ADAPTER_PROMISES}


@pytest.mark.parametrize("name", PROMISES)
def test_every_promise_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", [name for name, promise in PROMISES.items() if hasattr(promise, "__name__")])
def test_promise_is_said_in_its_own_words(name: str) -> None:
    assert f"| `{name}` | {(PROMISES[name].__doc__ or '').strip()} |" in PAGE
