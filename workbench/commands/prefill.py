"""`workbench items prefill`: how much of every form is filled for a resident who was handled once before."""

from typing import Any

import click

from ..bench.second_visit import DAYS, WANTED, Figure, second_visits
from .listing import as_json_option, print_rows

COLUMNS = ("code", "title_zh", "fields", "again", "elsewhere", "unfilled")


@click.command("prefill")
@click.argument("codes", nargs=-1, metavar="[ITEM]...")
@click.option("--days", default=DAYS, show_default=True, help="So many days lie between the visits.")
@as_json_option
def prefill(codes: tuple[str, ...], days: int, as_json: bool) -> None:
    """Try every item on a resident who comes again; fails when a form is filled less than it must be.

    `again` is the share of the form that is filled when the resident was handled once for this item,
    `elsewhere` the middle one of the shares when it was one of the other items. `unfilled` names
    the fields that stay to be asked at the second visit for the item. No department is asked.
    """
    try:
        figures = second_visits(codes, days)
    except KeyError as unknown:
        raise click.ClickException(f"there is no item {unknown.args[0]}; see: workbench items") from None
    print_rows([_row(figure) for figure in figures], COLUMNS, as_json=as_json, nothing="No item.")
    if failed := [figure.item.code for figure in figures if not figure.is_enough]:
        raise click.ClickException(f"less than {WANTED:.0f} % is filled: {', '.join(failed)}")


def _row(figure: Figure) -> dict[str, Any]:
    again = figure.again
    return {
        "code": figure.item.code,
        "title_zh": figure.item.manifest.title_zh,
        "fields": len(again.fields),
        "cells": len(again.cells),
        "again": again.percent,
        "elsewhere": figure.percent_elsewhere,
        "is_enough": figure.is_enough,
        "unfilled": sorted(again.unfilled),
        "unfilled_cells": list(again.empty),
        "stale": list(again.stale),
        "unfilled_elsewhere": figure.mostly_empty,
    }
