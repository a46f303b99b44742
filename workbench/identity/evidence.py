"""Evidence of a look that changes nothing else: written down in as few steps as the database allows."""

from collections.abc import Callable

from ..store.context import Context
from ..web.acting import noting, writing
from .audit import NotBegun


def leave(write: Callable[[Context], None]) -> None:
    """Let `write` record acts and run prepared statements, and commit them before this returns."""
    try:
        with noting() as ctx:
            write(ctx)
    except NotBegun:  # a worker's first act of all
        with writing() as ctx:
            write(ctx)
