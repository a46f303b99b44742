"""What is locked says what stands now, also where it was read a moment before."""

import pytest
from sqlmodel import Session, col, select

from workbench.hubs.models import HubRow
from workbench.store.engine import Store


@pytest.mark.only_postgresql
def test_row_that_was_read_before_is_read_anew_when_it_is_locked(store: Store) -> None:
    with store.write() as session:
        hub, other = session.get_one(HubRow, "wutong"), session.get_one(HubRow, "yinxing")
        _rename(store, "wutong")
        _rename(store, "yinxing")
        assert session.get_one(HubRow, "wutong", with_for_update=True).name_en == "renamed"
        locked = select(HubRow).where(col(HubRow.id) == "yinxing").with_for_update()
        assert session.exec(locked).one().name_en == "renamed"
        assert (hub.name_en, other.name_en) == ("renamed", "renamed")


def test_what_is_changed_and_not_yet_written_stays(store: Store) -> None:
    with store.write() as session:
        hub, other = session.get_one(HubRow, "wutong"), session.get_one(HubRow, "yinxing")
        hub.name_en = other.name_en = "changed"
        assert session.get_one(HubRow, "wutong", with_for_update=True).name_en == "changed"
        locked = select(HubRow).where(col(HubRow.id) == "yinxing").with_for_update()
        assert session.exec(locked).one().name_en == "changed"
    with store.read() as session:
        assert session.get_one(HubRow, "wutong").name_en == session.get_one(HubRow, "yinxing").name_en == "changed"


def _rename(store: Store, hub_id: str) -> None:
    with Session(store.engine) as session, session.begin():
        session.get_one(HubRow, hub_id).name_en = "renamed"
