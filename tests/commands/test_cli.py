"""The command line as a whole: quick help, clear refusals, no traceback for what is expected."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from workbench.cli import COMMANDS, Commands, commands
from workbench.identity.audit import record
from workbench.settings import Settings

CallOut = Callable[..., "subprocess.CompletedProcess[str]"]


def test_help_imports_no_room() -> None:
    program = "import sys, workbench.cli as c; c.commands(['--help'], standalone_mode=False); "
    program += "print(sorted(m for m in sys.modules if m.startswith(('workbench.', 'sqlalchemy', 'flask'))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "['workbench.cli']"


@pytest.mark.parametrize("name", COMMANDS)
def test_command_explains_itself(name: str) -> None:
    assert isinstance(commands, Commands)
    command = commands.get_command(click.Context(commands), name)

    assert command is not None
    assert command.name == name
    assert command.help


def test_database_without_tables_is_one_clear_line(call_out: CallOut, tmp_path: Path) -> None:
    done = call_out("lines", WORKBENCH_DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")

    assert done.returncode == 1
    assert done.stderr == ("workbench: the database has no tables of the workbench yet; run: workbench db migrate\n")


def test_database_that_is_away_is_one_clear_line(call_out: CallOut) -> None:
    done = call_out("lines", WORKBENCH_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")

    assert done.returncode == 1
    assert done.stderr.startswith("workbench: the database cannot be reached: ")
    assert len(done.stderr.splitlines()) == 1


def test_settings_that_cannot_be_read_are_one_clear_line(call_out: CallOut) -> None:
    done = call_out("db", "status", WORKBENCH_PORT="many")

    assert done.returncode == 1
    assert "the settings cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_keys_others_may_read_are_refused(call_out: CallOut, environment: dict[str, str]) -> None:
    call_out("db", "status")
    (Path(environment["WORKBENCH_INSTANCE"]) / "keys.toml").chmod(0o644)

    done = call_out("db", "status")

    assert done.returncode == 1
    assert "may be read by others; run: chmod 600" in done.stderr


def test_no_new_keys_are_made_for_a_database_in_use(call_out: CallOut, call: Any, act: Any, settings: Settings) -> None:
    with act() as ctx:
        record(ctx, "search")
    keys = settings.instance / "keys.toml"
    kept = keys.read_bytes()
    keys.unlink()
    said = call_out("hubs", "--json")
    assert (said.returncode, keys.exists()) == (1, False)
    assert "keys.toml is missing" in said.stderr and "Traceback" not in said.stderr
    keys.write_bytes(kept)
    keys.chmod(0o600)
    assert call_out("hubs", "--json").returncode == 0
