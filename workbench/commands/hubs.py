"""`workbench hubs`: which hubs there are, their configuration out into files, and back in."""

from pathlib import Path
from typing import Any

import click
from sqlmodel import Session, col, func, select

from ..hubs.models import HubRow, OpenLineRow
from ..opening.configuration import Import, export_hubs
from ..opening.hub_file import BadFile, read_files, write_toml
from .installation import Installation, open_installation
from .listing import as_json_option, print_rows

COLUMNS = ("id", "name_zh", "shape", "division", "parent", "lines")


class Undone(Exception):
    """Takes back what a trial run did."""


@click.group("hubs", invoke_without_command=True)
@as_json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the hubs, or bring their configuration out into files and in again."""
    if ctx.invoked_subcommand is None:
        with open_installation() as home, home.store.read() as session:
            print_rows(list_hubs(session), COLUMNS, as_json=as_json, nothing="There is no hub.")


def list_hubs(session: Session) -> list[dict[str, Any]]:
    """Describe every hub. Two queries."""
    opened = select(OpenLineRow.hub_id, func.count()).where(col(OpenLineRow.closed_at).is_(None))
    lines: dict[str, int] = dict(session.exec(opened.group_by(col(OpenLineRow.hub_id))).all())
    return [
        {
            "id": hub.id,
            "name_zh": hub.name_zh,
            "shape": hub.shape,
            "division": hub.division,
            "parent": hub.parent_id or "",
            "lines": lines.get(hub.id, 0),
        }
        for hub in session.exec(select(HubRow).order_by(col(HubRow.id)))
    ]


@command.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--hub", "hub_ids", multiple=True, metavar="HUB", help="Only this one; may be said several times.")
def export_command(folder: Path, hub_ids: tuple[str, ...]) -> None:
    """Write one file for each hub into a folder; secrets are left out."""
    with open_installation() as home, home.store.read() as session:
        files = export_hubs(_anywhere(home, session), hub_ids)
    if missing := set(hub_ids) - {one.id for one in files}:
        raise click.ClickException(f"no hub {', '.join(sorted(missing))}")
    folder.mkdir(parents=True, exist_ok=True)
    for one in files:
        (folder / f"{one.id}.toml").write_text(write_toml(one), "utf-8")
    click.echo(f"{len(files)} hubs are written to {folder}.")


def _anywhere(home: Installation, session: Session) -> Any:
    hub_id = session.exec(select(HubRow.id).order_by(HubRow.id)).first()
    if hub_id is None:
        raise click.ClickException("there is no hub")
    return home.context(session, hub_id)


@command.command("import")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--waive-rehearsal", default="", metavar="REASON", help="Open lines that were not rehearsed here.")
def import_command(folder: Path, dry_run: bool, waive_rehearsal: str) -> None:
    """Bring hubs to what a file or a folder of files says, all or nothing; a second time changes nothing."""
    with open_installation() as home:
        try:
            files = read_files(folder)
            done = _import(home, files, dry_run, waive_rehearsal)
        except BadFile as error:
            raise click.ClickException(str(error)) from None
    for line in done.changes:
        click.echo(line)
    for line in done.left:
        click.echo(f"left: {line}")
    would = "would be made; nothing was changed" if dry_run else "were made"
    click.echo(f"{len(done.changes)} changes {would}." if done.changes else "Nothing differs.")


def _import(home: Installation, files: Any, dry_run: bool, waived: str) -> Import:
    try:
        with home.store.write() as session:
            done = Import(lambda hub_id: home.context(session, hub_id), session, home.installed, waived)
            done.run(files)
            if dry_run:
                raise Undone
    except Undone:
        pass
    return done
