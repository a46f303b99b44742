"""`workbench demo-data`: fills an empty database with invented places, workers, residents and cases."""

import click

from ..demo import fill_demo
from ..store.migrate import upgrade
from .chains import all_chains
from .installation import open_installation, pin_what_is_open


@click.command("demo-data")
@click.option("--residents", default=2000, show_default=True, type=click.IntRange(0))
@click.option("--cases", default=240, show_default=True, type=click.IntRange(0))
@click.option("--hubs", default=0, show_default=True, type=click.IntRange(0), help="Further hubs, to see many.")
@click.option("--seed", default=20260101, show_default=True, help="The same seed gives the same people.")
def command(residents: int, cases: int, hubs: int, seed: int) -> None:
    """Fill an empty database; refuses where other data stands, does nothing where it is filled."""
    with open_installation() as home:
        for chain in all_chains(home.installed):
            upgrade(home.store, chain)
        filled = fill_demo(home.settings, home.store, residents=residents, cases=cases, hubs=hubs, seed=seed)
        pin_what_is_open(home)
        if filled.residents:
            click.echo(f"Wrote {filled.residents} residents with {filled.facts} facts, and {filled.cases} cases.")
        else:
            click.echo("The demonstration is there already; nothing was written.")
