"""The pytest plugin of the workbench: what `LineContract` and `AdapterContract` stand on, and the option --staging.

It is read by every pytest of an installation, so it imports the workbench only when a contract is used.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a team run its contracts against its own staging system."""
    group = parser.getgroup("workbench")
    help_text = (
        "TOML with a table of settings per platform id: adapters are tested there, not on the pretend department"
    )
    group.addoption("--staging", metavar="FILE", default=None, help=help_text)


@pytest.fixture(scope="class")
def line_under_test(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The line of a LineContract in a small world of its own."""
    from .line_under_test import LineUnderTest  # brings the whole workbench

    test = LineUnderTest(request.cls.folder)
    yield test
    test.close()


@pytest.fixture(scope="class")
def adapter_under_test(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The platform of an AdapterContract, with its pretend department running, or at the team's staging address."""
    from .adapter_under_test import AdapterUnderTest  # as above

    cls, named = request.cls, request.config.getoption("--staging")
    staging = tomllib.loads(Path(named).read_text("utf-8")) if named else None
    test = AdapterUnderTest(cls.folder, dict(cls.values), cls.item, staging)
    yield test
    test.close()
