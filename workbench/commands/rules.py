"""`workbench rules`: whether databases and Python say the same of every rule."""

from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from ..catalogue.loaded import catalogue
from ..host.discover import discover
from .listing import as_json_option, print_rows

COLUMNS = ("rule", "yes", "no", "unknown", "looked_at", "differ")


@click.group("rules")
def command() -> None:
    """Try the rules of the installed lines' items."""


@command.command("compare")
@click.option("--residents", default=1000, show_default=True, type=click.IntRange(1), help="Invented residents.")
@click.option("--seed", default=20260101, show_default=True, help="The same seed gives the same residents.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day that counts as today; else today.")
@click.option(
    "--database", "url", default="", metavar="URL", help="An empty database; else SQLite in a temporary folder."
)
@as_json_option
def compare(residents: int, seed: int, day: Any, url: str, as_json: bool) -> None:
    """Decide every rule of every item for invented residents, in a database and in Python; fails where they differ.

    `yes`, `no` and `unknown` count Python's verdicts; `looked_at` those who are left to Python because a fact is
    sealed, contested or oddly written; `differ` is to be 0. Your own installation is neither read nor written.
    """
    from ..bench.agreement import agreements, names_asked, rules_of  # every room: only this command pays for it
    from ..bench.place import empty_place
    from ..bench.strangers import Strangers

    rules, today = rules_of(catalogue(discover())), day.date() if day else date.today()  # noqa: DTZ011 - any day will do
    region = {"region.dibao_standard": 81_000, "region.disposable_income_per_capita": 4_500_000}
    with Progress(console=Console(stderr=True), transient=True) as progress, empty_place(url) as place:
        strangers = Strangers(place.hub.id, names_asked(rules), today, seed).make(residents)
        task = progress.add_task("residents", total=residents)
        found = agreements(place.acting, rules, region, strangers, today, lambda done: progress.advance(task, done))
    rows = [
        {"rule": one.text, "yes": one.yes, "no": one.no, "unknown": one.unknown, "looked_at": one.looked_at}
        | {"differ": one.differ_typed + one.differ_filed}
        for one in found
    ]
    print_rows(rows, COLUMNS, as_json=as_json, nothing="No rule.")
    if wrong := [one.text for one in found if not one.agrees]:
        raise click.ClickException(f"{len(wrong)} of {len(found)} rules differ: {'; '.join(wrong)}")
    click.echo(f"{len(found)} rules, {residents} residents, {len(found) * residents} verdicts: all agree.", err=as_json)
