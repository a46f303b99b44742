"""`workbench db`: the tables and the data as a whole."""

from pathlib import Path

import click

from ..store.migrate import current, is_current, upgrade, write_revision
from .backup import back_up
from .chains import all_chains, find_chain
from .installation import open_installation, pin_what_is_open
from .restore import restore


@click.group("db")
def command() -> None:
    """Migrate, show, back up and restore the database."""


@command.command("migrate")
def migrate() -> None:
    """Bring the tables of the core and of every line up to date; safe to call again."""
    with open_installation() as home:
        for chain in all_chains(home.installed):
            before = current(home.store, chain)
            upgrade(home.store, chain)
            after = current(home.store, chain)
            news = "up to date" if before == after else f"was {before or 'empty'}"
            click.echo(f"{chain.owner}: {after} ({news})")
        pin_what_is_open(home)


@command.command("status")
def status() -> None:
    """Show where the database is and at which migration; exit code 1 when it is behind."""
    with open_installation() as home:
        click.echo(home.store.engine.url.render_as_string(hide_password=True))
        behind = False
        for chain in all_chains(home.installed):
            stands, fits = current(home.store, chain), is_current(home.store, chain)
            behind |= not fits
            verdict = "up to date" if fits else "behind; run: workbench db migrate"
            click.echo(f"{chain.owner}: {stands or 'empty'}, {verdict}")
    if behind:
        raise SystemExit(1)


@command.command("revision")
@click.argument("message")
@click.option("--owner", default="core", show_default=True, help="core, or a line's id.")
def revision(message: str, owner: str) -> None:
    """Write the next migration from the difference between the code and this database, to be read by its author."""
    with open_installation() as home:
        chain = find_chain(home.installed, owner)
        if not is_current(home.store, chain):
            raise click.ClickException("the database is behind; run: workbench db migrate")
        before = set(chain.folder.glob("*.py"))
        write_revision(home.store, chain, message, f"{len(before) + 1:04d}")
        for path in set(chain.folder.glob("*.py")) - before:
            click.echo(f"Wrote {path}; read it before you use it.")


@command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write one consistent copy of the database while everything runs."""
    with open_installation() as home:
        back_up(home, file)
    click.echo(f"Wrote {file}. Keep keys.toml and the folder files/ of the instance with it, but not in one place.")


@command.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before what is on file is replaced.")
def restore_from(file: Path, yes: bool) -> None:
    """Put a copy back in place of what is on file; everything must be stopped."""
    with open_installation() as home:
        in_doubt = restore(home, file, may_replace=yes)
    click.echo(f"Restored and migrated. Sending is held; {in_doubt} parcels are asked for before they are sent again.")
    click.echo("Start the workbench, look at “Differences of the books”, then let sending to each platform go on.")
