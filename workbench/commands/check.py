"""`workbench check`: finds what is wrong in the files of lines and platforms before anybody works with them."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from ..checks import Checked, check_folder, check_installed
from ..checks.rules import explain_rules


@click.command("check")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--rules", is_flag=True, help="Only say what is checked.")
def command(path: Path | None, as_json: bool, rules: bool) -> None:
    """Check the lines and platforms below PATH, or all that are installed. Exit code 1 when something is found."""
    if rules:
        for name, promise in explain_rules().items():
            click.echo(f"{name:18} {promise}")
        return
    try:
        checked = check_folder(path.resolve()) if path else check_installed()
    except FileNotFoundError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        found = [asdict(one) | {"doc": one.doc} for one in checked.findings]
        click.echo(json.dumps(asdict(checked) | {"findings": found}, ensure_ascii=False, indent=2))
    else:
        show(checked)
    if checked.findings:
        raise SystemExit(1)


def show(checked: Checked) -> None:
    """Print the findings as an editor can jump to them, then what was checked."""
    for found in checked.findings:
        click.echo(f"{found.file}:{found.line}: {click.style(found.rule, bold=True)}: {found.text}")
        if found.hint:
            click.echo(f"    {found.hint}")
        click.echo(f"    see {found.doc}")
    verdict = _count(len(checked.findings), "finding") if checked.findings else "nothing found"
    lines, items = _count(checked.lines, "line"), _count(checked.items, "item")
    click.echo(f"{lines} with {items}, {_count(checked.platforms, 'platform')}: {verdict}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
