"""`workbench lines`: what is installed and where it is open; opening, closing, removing."""

from collections import defaultdict
from typing import Any

import click
from sqlalchemy import delete
from sqlmodel import Session, col, select

from ..catalogue.items import load_catalogue
from ..host.discover import Line
from ..hubs.models import OpenLineRow
from ..hubs.open_lines import close_line, open_line
from ..identity.audit import record
from ..store.context import Context
from ..store.migrate import remove
from .chains import chain_of
from .installation import Installation, open_installation
from .listing import as_json_option, print_rows

COLUMNS = ("id", "state", "items", "version", "owner", "open_at", "reason")


@click.group("lines", invoke_without_command=True)
@as_json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the installed lines, or open, close and remove one."""
    if ctx.invoked_subcommand is None:
        with open_installation() as home:
            print_rows(list_lines(home), COLUMNS, as_json=as_json, nothing="No line is installed.")


def list_lines(home: Installation) -> list[dict[str, Any]]:
    """Describe every installed line, also those that cannot be used."""
    catalogue = load_catalogue(home.installed.lines)
    with home.store.read() as session:
        hubs = _hubs_of_lines(session)
    return [
        {
            "id": line.id,
            "name_zh": line.name_zh,
            "name_en": line.name_en,
            "state": line.state,
            "reason": line.reason,
            "owner": line.manifest.owner.name if line.manifest else "",
            "version": line.manifest.version if line.manifest else "",
            "package": line.package,
            "items": sum(item.line_id == line.id for item in catalogue.items),
            "faults": [f"{fault.file}: {fault.what}" for fault in catalogue.faults if fault.line_id == line.id],
            "open_at": hubs.get(line.id, []),
        }
        for line in home.installed.lines
    ]


def _hubs_of_lines(session: Session) -> dict[str, list[str]]:
    hubs: dict[str, list[str]] = defaultdict(list)
    opened = select(OpenLineRow.line_id, OpenLineRow.hub_id).where(col(OpenLineRow.closed_at).is_(None))
    for line_id, hub_id in session.exec(opened.order_by(OpenLineRow.hub_id)):
        hubs[line_id].append(hub_id)
    return hubs


hub_option = click.option("--hub", required=True, metavar="HUB", help="The hub's id.")


@command.command("open")
@click.argument("line_id", metavar="LINE")
@hub_option
def open_at(line_id: str, hub: str) -> None:
    """Open a line at a hub; its earlier settings come back."""
    with open_installation() as home, home.store.write() as session:
        ctx = home.context(session, hub)
        open_line(ctx, home.installed, line_id)
        record(ctx, "line.open", subject=f"line:{line_id}")
    click.echo(f"{line_id} is open at {hub}.")


@command.command("close")
@click.argument("line_id", metavar="LINE")
@hub_option
def close_at(line_id: str, hub: str) -> None:
    """Close a line at a hub; its cases stay readable and what is under way is delivered."""
    with open_installation() as home, home.store.write() as session:
        ctx = home.context(session, hub)
        if session.get(OpenLineRow, (hub, line_id)) is None:
            raise click.ClickException(f"{line_id} was never open at {hub}")
        close_line(ctx, line_id)
        record(ctx, "line.close", subject=f"line:{line_id}")
    click.echo(f"{line_id} is closed at {hub}.")


@command.command("remove")
@click.argument("line_id", metavar="LINE")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_line(line_id: str, yes: bool) -> None:
    """Drop a line's own tables and its settings at every hub; cases of the line stay readable."""
    with open_installation() as home:
        line = _removable(home, line_id)
        if not yes:
            click.confirm(f"Drop all tables and settings of {line_id}? There is no way back.", abort=True)
        if chain := chain_of(line):
            remove(home.store, chain)
        with home.store.write() as session:
            for hub_id in session.exec(select(OpenLineRow.hub_id).where(OpenLineRow.line_id == line_id)).all():
                _note_removal(home.context(session, hub_id), line_id)
            session.exec(delete(OpenLineRow).where(col(OpenLineRow.line_id) == line_id))
    click.echo(f"{line_id} is removed. Take its package away too: pip uninstall the package that holds {line.package}.")


def _removable(home: Installation, line_id: str) -> Line:
    """Give a line that may be removed; it must be installed, or its tables could not be found."""
    line = home.installed.line(line_id)
    if line is None:
        known = ", ".join(line.id for line in home.installed.lines) or "none"
        raise click.ClickException(f"no line {line_id!r} is installed; there are: {known}")
    with home.store.read() as session:
        hubs = _hubs_of_lines(session).get(line_id)
    if hubs:
        raise click.ClickException(f"{line_id} is open at {', '.join(hubs)}; close it there first")
    return line


def _note_removal(ctx: Context, line_id: str) -> None:
    record(ctx, "line.remove", subject=f"line:{line_id}")
