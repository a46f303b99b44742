"""The short transaction: it stands or leaves no trace, its errors are SQLAlchemy's, and those who listen hear of it."""

from typing import Any

import pytest
from sqlalchemy import bindparam, event, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from workbench.hubs.models import HubRow
from workbench.store.idle import IDLE
from workbench.store.rows import add, ask, prepare, run

HUB = {"id": "brief", "name_zh": "短", "name_en": "Brief", "shape": "single", "division": "990100001001"}
NAME = prepare(select(col(HubRow.name_en)).where(col(HubRow.id) == bindparam("which")))
RENAME = prepare(update(HubRow).where(col(HubRow.id) == bindparam("which")).values(name_en=bindparam("to")))


def name_in(store: Any) -> Any:
    with store.read() as session:
        return next(iter(run(session, NAME, which="brief").scalars()), None)


def test_what_is_written_stands_after_the_end(store: Any) -> None:
    with store.brief() as transaction:
        add(transaction, HubRow, [HUB])
        run(transaction, RENAME, which="brief", to="Renamed")
        assert run(transaction, NAME, which="brief").scalar_one() == "Renamed"

    assert name_in(store) == "Renamed"


def test_what_raises_leaves_no_trace(store: Any) -> None:
    with pytest.raises(ZeroDivisionError), store.brief() as transaction:
        add(transaction, HubRow, [HUB])
        raise ZeroDivisionError

    assert name_in(store) is None


def test_errors_are_those_of_sessions(store: Any) -> None:
    with pytest.raises(IntegrityError), store.brief() as transaction:
        add(transaction, HubRow, [HUB])
        add(transaction, HubRow, [HUB])

    with store.brief() as transaction:
        add(transaction, HubRow, [HUB])
    assert name_in(store) == "Brief"


def test_lone_questions_keep_their_connections(store: Any) -> None:
    """On SQLite they take one after the other the same connection, and see what was committed meanwhile."""
    before = [ask(store.engine, NAME, which="brief").first() for _ in range(3)]
    with store.brief() as transaction:
        add(transaction, HubRow, [HUB])

    assert before == [None] * 3
    assert ask(store.engine, NAME, which="brief").scalar_one() == "Brief"
    assert not store.is_sqlite or len(getattr(store.engine.dialect, IDLE)) == 1


def test_who_listens_hears_of_all_of_it(store: Any) -> None:
    heard: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        heard.append(statement.split()[0])

    event.listen(store.engine, "before_cursor_execute", note)
    event.listen(store.engine, "begin", lambda connection: heard.append("begin"))
    event.listen(store.engine, "commit", lambda connection: heard.append("commit"))
    with store.brief() as transaction:
        add(transaction, HubRow, [HUB])

    assert heard == ["begin", "INSERT", "commit"]
