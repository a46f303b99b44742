"""`workbench audit verify`: walks the whole audit trail and names every place where it does not hold."""

import click
from sqlmodel import func, select

from ..identity.audit import verify
from ..identity.models import AuditHeadRow, AuditRow
from .installation import open_installation


@click.group("audit")
def command() -> None:
    """Prove the audit trail."""


@command.command("verify")
def verify_trail() -> None:
    """Prove that no row was changed, moved, removed or cut off; exit code 1 when one was."""
    with open_installation() as home, home.store.read() as session:
        rows = session.exec(select(func.count()).select_from(AuditRow)).one()
        streams = session.exec(select(func.count()).select_from(AuditHeadRow)).one()
        breaks = 0
        for found in verify(session, home.keys):
            breaks += 1
            click.echo(f"stream {found.stream}, row {found.seq}: {found.what}")
    if breaks:
        raise click.ClickException(f"the trail does not hold at {breaks} place(s)")
    click.echo(f"The trail holds: {rows} rows in {streams} streams.")
