"""`workbench audit measure`: fills a trail of its own with made rows and tells what proving it costs."""

import tempfile
from pathlib import Path

import click

from ..bench.trail import fill, prove
from ..settings import Settings
from ..store.migrate import current, upgrade
from ..tables import CORE


@click.command("measure")
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(1000), help="Rows of the trail.")
@click.option("--database", default="", help="URL of an empty database; without it a SQLite file is made and removed.")
def measure(rows: int, database: str) -> None:
    """Tell time and peak memory of proving a long trail; your own installation is neither read nor written."""
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{Path(folder) / 'workbench.db'}"
        settings = Settings(Path(folder), url)
        keys = settings.keys()
        store = settings.open_store(keys)
        try:
            if current(store, CORE) is not None:
                raise click.ClickException("this database is in use; give an empty one")
            upgrade(store, CORE)
            fill(store, settings, keys, rows)
        finally:
            store.close()
        cost = prove(settings)
    click.echo(cost.said)
    click.echo(f"{cost.seconds:.1f} s, peak memory {cost.megabytes:.0f} MB")
    raise SystemExit(cost.code)
