"""An empty database of either kind, and one with the demonstration in it."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from workbench.demo import fill_demo
from workbench.people.sensitivity import set_sensitivity
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.tables import METADATA

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def forget_sensitivity() -> Iterator[None]:
    yield
    set_sensitivity(None)


def delete_everything(store: Store) -> None:
    with store.write() as session:
        for table in reversed(METADATA.sorted_tables):
            session.connection().execute(table.delete())


@pytest.fixture
def clear() -> Callable[[Store], None]:
    return delete_everything


@pytest.fixture
def empty(store: Store) -> Store:
    delete_everything(store)
    return store


@pytest.fixture
def filled(empty: Store, settings: Settings) -> Store:
    fill_demo(settings, empty, residents=300, today=TODAY)
    return empty
