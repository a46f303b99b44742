"""Acts under one name come one after the other; what collided all the same is known as such."""

from threading import Event

import pytest
from at_once import behind, start
from sqlalchemy.exc import IntegrityError, OperationalError
from waiting import PATIENCE

from workbench.hubs.models import HubRow
from workbench.store.collisions import has_collided
from workbench.store.engine import Store


def test_second_of_one_turn_begins_when_the_first_has_ended(store: Store) -> None:
    said: list[str] = []

    def second() -> None:
        with store.write(turn="somebody"):
            said.append("second")

    with store.write(turn="somebody"):
        (under_way,) = behind(store, second)
        said.append("first")
    under_way.result(PATIENCE)
    assert said == ["first", "second"]


@pytest.mark.only_postgresql
def test_turns_of_two_do_not_wait_for_each_other(store: Store) -> None:
    with store.write(turn="somebody"), store.write(turn="somebody else") as session:
        assert session.get(HubRow, "wutong") is not None


def test_two_rows_under_one_key_have_collided_and_a_missing_value_has_not(store: Store) -> None:
    with pytest.raises(IntegrityError) as double, store.write() as session:
        session.add(HubRow(id="wutong", name_zh="站", name_en="hub", shape="single", division="990100001001"))
    with pytest.raises(IntegrityError) as missing, store.write() as session:
        session.add(HubRow(id="third", name_zh=None, name_en="hub", shape="single", division="990100001001"))  # type: ignore[arg-type]
    assert (has_collided(double.value), has_collided(missing.value)) == (True, False)


@pytest.mark.only_postgresql
def test_two_that_wait_for_each_other_have_collided(store: Store) -> None:
    here, there = Event(), Event()

    def lock(first: str, then: str, mine: Event, other: Event) -> None:
        with store.write() as session:
            session.get_one(HubRow, first, with_for_update=True)
            mine.set()
            other.wait(PATIENCE)
            session.get_one(HubRow, then, with_for_update=True)

    both = [
        start(lambda: lock("wutong", "yinxing", here, there)),
        start(lambda: lock("yinxing", "wutong", there, here)),
    ]
    ended = [one.exception(PATIENCE) for one in both]
    (gave_way,) = [error for error in ended if error is not None]
    assert isinstance(gave_way, OperationalError)
    assert has_collided(gave_way)
