"""`workbench items`: the items of the installed lines."""

from typing import Any

import click

from ..catalogue.items import Item, load_catalogue
from ..host.discover import discover
from .listing import as_json_option, print_rows
from .prefill import prefill

COLUMNS = ("code", "line", "title_zh", "title_en", "version", "division", "promised_days", "platforms")


@click.group("items", invoke_without_command=True)
@click.option("--line", "line_id", metavar="LINE", help="Only this line's.")
@as_json_option
@click.pass_context
def command(ctx: click.Context, line_id: str | None, as_json: bool) -> None:
    """List the items of the installed lines, or say how much of their forms is filled at a second visit."""
    if ctx.invoked_subcommand is not None:
        return
    installed = discover()
    if line_id and installed.line(line_id) is None:
        known = ", ".join(line.id for line in installed.lines) or "none"
        raise click.ClickException(f"no line {line_id!r} is installed; there are: {known}")
    catalogue = load_catalogue(line for line in installed.lines if line_id in (None, line.id))
    print_rows([describe(item) for item in catalogue.items], COLUMNS, as_json=as_json, nothing="No item.")
    for fault in catalogue.faults:
        click.echo(f"{fault.line_id}/{fault.file}: {fault.place} {fault.what}; run: workbench check", err=True)


command.add_command(prefill)


def describe(item: Item) -> dict[str, Any]:
    """Describe one item."""
    manifest = item.manifest
    platforms = dict.fromkeys(delivery.platform for step in manifest.steps for delivery in step.deliveries)
    return {
        "code": item.code,
        "line": item.line_id,
        "title_zh": manifest.title_zh,
        "title_en": manifest.title_en,
        "version": manifest.version,
        "division": manifest.division,
        "valid_from": manifest.valid_from,
        "valid_to": manifest.valid_to,
        "status": manifest.status,
        "confidence": manifest.confidence,
        "promised_days": manifest.promised_days,
        "platforms": list(platforms),
        "digest": item.digest,
    }
