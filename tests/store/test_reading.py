"""The session of a page: prepared statements and objects see one state, and nothing can be written."""

from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select
from sqlmodel import col

from workbench.hubs.models import HubRow
from workbench.store.idle import IDLE, KEPT
from workbench.store.rows import add, prepare, run

HUB = {"id": "seen", "name_zh": "见", "name_en": "Seen", "shape": "single", "division": "990100001001"}
NAMES = prepare(select(col(HubRow.name_en)).where(col(HubRow.id) == bindparam("which")))


def names(session: Any) -> list[Any]:
    return run(session, NAMES, which="seen").scalars()


def come(store: Any) -> None:
    with store.brief() as transaction:
        add(transaction, HubRow, [HUB])


@pytest.mark.only_sqlite
def test_both_ways_of_asking_see_one_state(store: Any) -> None:
    with store.read() as below, store.read() as whole:
        assert names(below) == []
        assert whole.get(HubRow, "seen") is None

        come(store)

        assert (names(below), below.get(HubRow, "seen")) == ([], None)
        assert (names(whole), whole.get(HubRow, "seen")) == ([], None)


def test_after_a_rollback_it_sees_what_came_meanwhile(store: Any) -> None:
    with store.read() as below, store.read() as whole:
        assert names(below) == []
        assert whole.get(HubRow, "seen") is None
        come(store)

        for session in (below, whole):
            session.rollback()
            assert (names(session), session.get_one(HubRow, "seen").name_en) == (["Seen"], "Seen")


@pytest.mark.parametrize("is_whole", [False, True])
def test_reader_keeps_no_writer_waiting_after_its_end(store: Any, is_whole: bool) -> None:
    with store.read() as session:
        assert session.get(HubRow, "seen") is None if is_whole else names(session) == []
    come(store)

    with store.read() as session:
        assert names(session) == ["Seen"]


@pytest.mark.only_sqlite
def test_what_raises_leaves_no_transaction_behind(store: Any) -> None:
    with pytest.raises(ZeroDivisionError), store.read() as session:
        names(session)
        raise ZeroDivisionError

    assert [one.dbapi_connection.in_transaction for one in getattr(store.engine.dialect, IDLE)] == [False]


@pytest.mark.only_sqlite
def test_few_connections_are_kept_and_none_is_given_twice(store: Any) -> None:
    with ExitStack() as scopes:
        sessions = [scopes.enter_context(store.read()) for _ in range(KEPT + 4)]
        assert len({id(session.below().driver) for session in sessions}) == KEPT + 4

    assert len(getattr(store.engine.dialect, IDLE)) == KEPT


@pytest.mark.only_sqlite
def test_who_listens_hears_of_begin_and_end(store: Any) -> None:
    heard: list[str] = []
    for what in ("begin", "rollback"):
        event.listen(store.engine, what, lambda connection, what=what: heard.append(what))

    with store.read() as session:
        names(session)
    with store.read():
        pass

    assert heard == ["begin", "rollback"]
