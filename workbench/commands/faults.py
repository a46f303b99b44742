"""`workbench faults`: lets one trouble after the other strike an installation of its own, and compares the books."""

import random
import secrets
import shutil
import tempfile
from pathlib import Path

import click

from ..faults.books import Verdict
from ..faults.line_changes import LineChanges
from ..faults.mix import Mix, stopped_for
from ..faults.outage import strike
from ..faults.town import Town, build_town
from ..testing.ports import free_port


@click.command("faults")
@click.option(
    "--minutes", default=30.0, show_default=True, type=click.FloatRange(0.1), help="How long troubles strike."
)
@click.option("--seed", type=int, help="Repeat the troubles of another run; a new seed is printed.")
@click.option("--database-url", default="", help="An EMPTY PostgreSQL database to use; SQLite when not given.")
@click.option("--outage", type=float, help="Instead: one platform down for so many seconds, under steady intake.")
@click.option("--speed", default=1.0, show_default=True, help="With --outage: how many times as fast the clock runs.")
@click.option("--lines", is_flag=True, help="Instead: a line comes and goes while the rest goes on.")
@click.option("--keep", is_flag=True, help="Leave the folder with database, books and logs in place.")
def command(
    minutes: float, seed: int | None, database_url: str, outage: float | None, speed: float, lines: bool, keep: bool
) -> None:
    """Kill, freeze, cut and confuse real processes; nothing may be lost, doubled or invented.

    Your own installation is neither read nor written. Exit code 1 when the books of both ends differ.
    """
    seed = secrets.randbelow(10**9) if seed is None else seed
    folder = Path(tempfile.mkdtemp(prefix="workbench-faults-"))
    click.echo(f"seed {seed}, {minutes:g} minutes, {folder}")
    town = build_town(folder, database_url or f"sqlite:///{folder / 'workbench.db'}", free_port(), residents=200)
    try:
        if outage:
            struck = strike(town, outage, speed, seed)
            click.echo(f"{struck}")
            verdict = struck.verdict or Verdict(lost=["no comparison was made"])
        elif lines:
            verdict = _change_lines(town, random.Random(seed), minutes * 60)  # noqa: S311 - repeats by its seed
        else:
            verdict = Mix(town, random.Random(seed), click.echo).run(minutes * 60)  # noqa: S311 - repeats by its seed
            click.echo(f"standing still: {dict(stopped_for(town))}")
    finally:
        town.close()
    click.echo(f"{verdict}")
    if verdict.is_clean and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    if not verdict.is_clean:
        click.echo(f"The books differ; everything is kept in {folder}.", err=True)
        raise SystemExit(1)


def _change_lines(town: Town, chance: random.Random, seconds: float) -> Verdict:
    """Let a line come and go; what fails outside it and what belongs to nobody counts as invented."""
    changes = LineChanges(town, chance)
    town.set_clock(speed=30)
    for platform_id in changes.platforms:
        town.start_office(platform_id)
    town.start_web()
    town.start("worker")
    verdict = changes.run(seconds=seconds)
    click.echo(f"changes: {dict(changes.done)}; pages outside it: {dict(changes.pages)}")
    verdict.invented += changes.failed + changes.orphans
    return verdict
