"""`workbench audit`: proves the trail, signs it, and writes its checkpoints to be kept elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError
from sqlmodel import func, select

from ..identity.checkpoints import sign_day, write_lines
from ..identity.models import AuditRow
from ..identity.trail_models import AuditCheckpointRow, AuditStreamRow
from ..identity.verify import Break, verify, verify_against
from ..store.context import SYSTEM, Context
from ..web.acting import NOWHERE
from .installation import Installation, open_installation
from .measure_trail import measure

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("audit")
def command() -> None:
    """Prove the audit trail."""


@command.command("verify")
@click.option("--against", multiple=True, type=FILES, help="Checkpoints kept elsewhere; may be given many times.")
def verify_trail(against: tuple[Path, ...]) -> None:
    """Prove that no row, head or checkpoint was changed, moved, removed or cut off; exit code 1 when one was."""
    with open_installation() as home:
        breaks = 0
        for found in _breaks(home, against):
            breaks += 1
            click.echo(f"{_place(found)}: {found.what}")
        if breaks:
            raise click.ClickException(f"the trail does not hold at {breaks} place(s)")
        rows, streams, checkpoints = _count(home)
    click.echo(f"The trail holds: {rows} rows in {streams} streams, {checkpoints} checkpoints.")


def _breaks(home: Installation, against: tuple[Path, ...]) -> Iterator[Break]:
    try:
        with home.store.read() as session:
            yield from verify(session, home.keys)
    except DatabaseError as error:
        raise click.ClickException(f"the database cannot be read to the end of the trail: {error.orig}") from None
    for path in against:
        with home.store.read() as session, path.open(encoding="utf-8") as lines:
            try:
                yield from verify_against(session, home.keys, lines)
            except ValueError as error:
                raise click.ClickException(f"{path.name}: {error}") from None


def _place(found: Break) -> str:
    if found.stream == "checkpoints":
        return f"checkpoint {found.seq}"
    return f"stream {found.stream}, row {found.seq}" if found.seq else f"table {found.stream}"


def _count(home: Installation) -> list[int]:
    with home.store.read() as session:
        tables = (AuditRow, AuditStreamRow, AuditCheckpointRow)
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


@command.command("sign")
def sign() -> None:
    """Sign what stands now, if yesterday is not signed yet; the worker process does this by itself."""
    with open_installation() as home, home.store.write() as session:
        files = home.settings.file_store(home.keys)
        row = sign_day(Context(session, SYSTEM, NOWHERE, home.clock, home.keys, files, "command line"))
        said = f"Checkpoint {row.number} signs {row.anchors} streams." if row else "Yesterday is signed already."
    click.echo(said)


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--since", default=1, show_default=True, type=click.IntRange(1), help="First checkpoint to write.")
def export(file: Path, since: int) -> None:
    """Write the signed checkpoints, one line of JSON each, to be kept where nobody of this installation can write."""
    count = 0
    with open_installation() as home, home.store.read() as session, file.open("w", encoding="utf-8") as lines:
        for _, line in write_lines(session, home.keys, since):
            lines.write(line + "\n")
            count += 1
    click.echo(f"Wrote {count} checkpoints to {file}.")


command.add_command(measure)
