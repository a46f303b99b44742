"""`workbench new-platform`: writes the first draft of a declared platform from an OpenAPI or WSDL file."""

import re
import shutil
from pathlib import Path

import click

from ..scaffold.draft import CannotDraft, read_service
from ..scaffold.draft_text import write_draft


@click.command("new-platform")
@click.argument("platform_id", metavar="DEPARTMENT.PLATFORM")
@click.option("--from", "source", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write it; ./PLATFORM when not given.")
def command(platform_id: str, source: Path, folder: Path | None) -> None:
    """Draft the platform.toml of DEPARTMENT.PLATFORM from the OpenAPI (JSON) or WSDL file of its service."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", platform_id):
        raise click.ClickException(
            f"{platform_id!r} is no id of a platform: write department.platform, as in housing.rents"
        )
    try:
        service = read_service(source)
        written = write_draft(service, platform_id, target := folder or Path(platform_id.partition(".")[2]))
    except CannotDraft as error:
        raise click.ClickException(str(error)) from None
    except FileExistsError:
        raise click.ClickException(f"{target} is there already; nothing was written") from None
    if service.way == "soap":
        written.append(Path(shutil.copy(source, target / "service.wsdl")))
    for path in written:
        click.echo(f"Wrote {path}")
    open_questions = (target / "platform.toml").read_text("utf-8").count("???")
    click.echo(f"{open_questions} places with ??? are yours to answer; then: workbench check {target}")
