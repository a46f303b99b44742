"""`workbench bench`: hands its arguments to the room that measures."""

import importlib
import sys

import click


@click.command("bench", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Measure this installation; `workbench bench --help` says what can be measured."""
    # By name: an installation may be shipped without the room.
    try:
        room = importlib.import_module("workbench.bench")
    except ModuleNotFoundError as error:
        if error.name != "workbench.bench":
            raise
        raise click.ClickException("this installation was shipped without the room that measures") from None
    sys.exit(room.main(list(arguments)))
