"""`workbench new-line`: writes the package of a new line that already works, for its author to change."""

from datetime import date
from pathlib import Path

import click

from ..checks import check_folder
from ..scaffold.write import PLATFORM_FILES, BadName, name_line, suggest_prefix, write_line
from .check import show


@click.command("new-line")
@click.argument("name")
@click.option("--prefix", help="The two capital letters its item codes begin with.")
@click.option("--platform", type=click.Choice(list(PLATFORM_FILES)), help="How the department's system is reached.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write it; ./NAME when not given.")
def command(name: str, prefix: str | None, platform: str | None, folder: Path | None) -> None:
    """Write the package of a new line called NAME, as in veterans_affairs."""
    try:
        today = date.today()  # noqa: DTZ011 - the author's day
        line = name_line(name, prefix or suggest_prefix(name), today, platform or "")
        written = write_line(line, target := folder or Path(line.id))
    except BadName as error:
        raise click.ClickException(str(error)) from None
    except FileExistsError:
        raise click.ClickException(f"{target} is there already; nothing was written") from None
    for path in written:
        click.echo(f"Wrote {path}")
    show(check_folder(target.resolve()))
    opened = f"workbench lines open {line.id} --hub HUB --admission DIRECTORY"
    click.echo(f"Next: change the files, then: pip install -e {target} && {opened}")
