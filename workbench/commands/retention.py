"""`workbench retention`: shows that a file somebody still has is the one that was erased."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlmodel import col

from ..retention.contents import digest_of
from ..retention.models import ErasureRow
from .installation import open_installation


@click.group("retention")
def command() -> None:
    """Look at what was erased."""


@command.command("proof")
@click.argument("number")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def proof(number: str, file: Path) -> None:
    """Tell whether FILE is a proof or scan that was erased with the case NUMBER; exit code 1 when it is none."""
    with open_installation() as home:
        digest = digest_of(home.keys, file.read_bytes())
        with home.store.read() as session:
            kept = session.scalars(select(col(ErasureRow.proofs)).where(col(ErasureRow.case_no) == number)).all()
    for proofs in kept:
        for place, rows in proofs.items():
            if digest in rows.values():
                click.echo(f"This is what was erased: {place} of {number}.")
                return
    raise click.ClickException("this file was not erased with that case")
