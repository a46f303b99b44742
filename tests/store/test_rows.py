"""Prepared statements give what SQLAlchemy would give: values converted, errors of the same kind, listeners told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select
from sqlalchemy.exc import IntegrityError, MultipleResultsFound, NoResultFound
from sqlmodel import col

from workbench.people.models import FactRow, PersonRow
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.engine import Store
from workbench.store.ids import new_id
from workbench.store.rows import ask, prepare, run

AT = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
NAMED = prepare(
    select(col(WorkerRow.username), col(WorkerRow.created_at), col(WorkerRow.is_active))
    .where(col(WorkerRow.username).in_(bindparam("names", expanding=True)), col(WorkerRow.locale).in_(("zh_CN", "en")))
    .order_by(col(WorkerRow.username))
)
SEALED = prepare(select(col(FactRow.key), col(FactRow.sealed)).where(col(FactRow.person_id) == bindparam("person")))
EMPLOY = prepare(insert(WorkerRow))
ROLES = prepare(select(col(GrantRow.role)).where(col(GrantRow.hub_id) == bindparam("hub")))


def test_lists_of_any_length_are_bound(store: Store) -> None:
    with store.read() as session:
        for names in ([], ["worker1"], ["worker2", "worker1"], ["worker1"]):
            assert [row.username for row in run(session, NAMED, names=names)] == sorted(names)


def test_columns_come_as_what_they_are(store: Store) -> None:
    with store.write() as session:
        run(session, EMPLOY, **WorkerRow(id=new_id(), username="new", name="新", created_at=AT).model_dump())
    row = ask(store.engine, NAMED, names=["new"]).one()
    assert row == ("new", AT, True)
    assert row.created_at.tzinfo is not None


def test_sealed_columns_are_opened(store: Store) -> None:
    with store.write() as session:
        person = PersonRow(id=new_id(), hub_id="wutong", name="甲", created_at=AT, updated_at=AT)
        session.add(person)
        session.flush()
        fact = {"person_id": person.id, "key": "a", "sealed": '"secret"', "rank": 1, "source": "", "recorded_at": AT}
        session.add(FactRow(**fact, recorded_by=""))
        person_id = person.id
        assert run(session, SEALED, person=person_id).all() == [("a", '"secret"')]  # what was unwritten is written
    assert ask(store.engine, SEALED, person=person_id).one().sealed == '"secret"'


def test_errors_are_those_of_sqlalchemy(store: Store) -> None:
    values = WorkerRow(id=new_id(), username="worker1", name="again", created_at=AT).model_dump()
    with pytest.raises(IntegrityError), store.write() as session:
        run(session, EMPLOY, **values)
    with store.read() as session:
        assert len(run(session, NAMED, names=["worker1"]).all()) == 1


def test_one_row_means_one(store: Store) -> None:
    with pytest.raises(NoResultFound):
        ask(store.engine, NAMED, names=["nobody"]).one()
    with pytest.raises(MultipleResultsFound):
        ask(store.engine, NAMED, names=["worker1", "worker2"]).one()
    assert ask(store.engine, NAMED, names=["nobody"]).first() is None


def test_whoever_listens_hears_of_it(store: Store) -> None:
    heard: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        heard.append(statement)

    with store.read() as session:
        event.listen(store.engine, "before_cursor_execute", note)
        run(session, ROLES, hub="wutong")
        ask(store.engine, ROLES, hub="wutong")
        event.remove(store.engine, "before_cursor_execute", note)
    assert len([text for text in heard if "role_grant" in text]) == 2


def test_asking_leaves_no_transaction_behind(store: Store) -> None:
    before = ask(store.engine, NAMED, names=["late"]).all()
    with store.write() as session:
        run(session, EMPLOY, **WorkerRow(id=new_id(), username="late", name="晚", created_at=AT).model_dump())
    assert (before, len(ask(store.engine, NAMED, names=["late"]).all())) == ([], 1)
