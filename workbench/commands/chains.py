"""The migration chains of this installation: the core's, then one of each line that has tables."""

import importlib

import click
from sqlalchemy import MetaData
from sqlmodel import SQLModel

from ..host.discover import Installed, Line
from ..store.migrate import Chain
from ..tables import CORE


def all_chains(installed: Installed) -> list[Chain]:
    """Give every chain, the core's first."""
    return [CORE, *(chain for line in installed.ready_lines if (chain := chain_of(line)))]


def chain_of(line: Line) -> Chain | None:
    """Give a line's chain; None when it has no tables."""
    if line.manifest is None or not line.manifest.migrations:
        return None
    return Chain(line.id, line.folder / line.manifest.migrations, MetaData())


def find_chain(installed: Installed, owner: str) -> Chain:
    """Give the chain of "core" or of a line, with the tables its code declares."""
    if owner == "core":
        return CORE
    line = installed.line(owner)
    chain = chain_of(line) if line else None
    if line is None or chain is None:
        raise click.ClickException(f"no line {owner!r} with migrations is installed")
    if line.manifest and line.manifest.models:
        importlib.import_module(line.manifest.models)  # registers its tables
    return Chain(chain.owner, chain.folder, SQLModel.metadata)
