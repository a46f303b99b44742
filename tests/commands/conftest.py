"""The command line as people use it, on an instance of each test's own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from waiting import PATIENCE

from workbench.cli import commands
from workbench.settings import Settings
from workbench.store.engine import Store

ROOT = Path(__file__).parents[2]
Call = Callable[..., Result]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """What names the instance of this test to a command."""
    return {"WORKBENCH_INSTANCE": str(settings.instance), "WORKBENCH_DATABASE_URL": settings.database_url}


@pytest.fixture
def call(environment: dict[str, str], keys: object, settings: Settings, store: Store) -> Call:
    """`call("lines", "--json")` runs a command in this process on the filled instance; errors are raised."""
    (settings.instance / "keys.toml").write_bytes(keys.path.read_bytes())
    (settings.instance / "keys.toml").chmod(0o600)

    def calling(*arguments: str, **options: object) -> Result:
        return CliRunner().invoke(commands, arguments, env=environment, catch_exceptions=False, **options)

    return calling


@pytest.fixture
def call_out(environment: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a command as a process of its own, as a shell would."""

    def calling(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "error", "-m", "workbench.cli", *arguments]
        env = os.environ | environment | more
        return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)

    return calling
