"""The context of a request: one reading session for the page, and a writing one where a view asks for it.

The gate puts who acts and at which hub on `flask.g` before any view runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import g, request
from sqlmodel import Session

from ..api.nouns import Hub, Worker
from ..store.context import Context
from .here import held
from .services import services

NOWHERE = Hub(id="", name_zh="", name_en="", division="")
NOBODY = Worker(id="", username="", name="")


def reading() -> Context:
    """Give the context of this request over one consistent reading session, opened at first use."""
    here = held()
    if "reading_session" not in here:
        here.reading_scope = services().store.read()
        here.reading_session = here.reading_scope.__enter__()
    return _context(here.reading_session)


@contextmanager
def writing() -> Iterator[Context]:
    """Give a context that commits at the end of the block, or leaves no trace when anything is raised.

    What is read afterwards in the same request sees what was written.
    """
    with services().store.write(turn=_whose_turn()) as session:
        yield _context(session)
    held().has_written = True
    if "reading_session" in g:
        g.reading_session.expunge_all()  # rows read before keep their values
        g.reading_session.rollback()
        g.reading_session.info.clear()


def _whose_turn() -> str:
    """Give whose acts come one after the other: two presses of one worker never meet halfway."""
    here = held()
    return str(here.worker.id) if "signed_in" in here and "worker" in here else ""


@contextmanager
def noting() -> Iterator[Context]:
    """Give a context for evidence alone: prepared statements, committed at the end of the block.

    Nothing else may be asked of its session, and what this request reads does not follow it.
    """
    with services().store.brief() as transaction:
        yield _context(cast("Session", transaction))


def close_reading(error: BaseException | None = None) -> None:
    """End the reading session of this request, if there is one."""
    scope = g.pop("reading_scope", None)
    g.pop("reading_session", None)
    if scope is not None:
        scope.__exit__(None, None, None)


def _context(session: Session) -> Context:
    shop, here = services(), held()
    return Context(
        session=session,
        actor=here.get("worker") or NOBODY,
        hub=here.get("hub") or NOWHERE,
        clock=shop.clock,
        keys=shop.keys,
        files=shop.files,
        origin=request.remote_addr or "",
    )
