"""A request reads one consistent state, and after writing sees what it wrote."""

from screens import open_world
from sqlmodel import select

from workbench.hubs.models import HubRow
from workbench.web.acting import close_reading, reading, writing


def names() -> list[str]:
    return list(reading().session.exec(select(HubRow.name_en).order_by(HubRow.id)))


def test_reading_after_writing_sees_what_was_written(settings, store, monkeypatch):
    world = open_world(settings, store, monkeypatch)
    with world.app.test_request_context("/"):
        before = reading().session.get_one(HubRow, "wutong")
        with writing() as ctx:
            ctx.session.get_one(HubRow, "wutong").name_en = "Renamed"

        assert names() == ["Renamed", "yinxing"]
        assert before.name_en == "wutong"
        assert reading().session.get_one(HubRow, "wutong").name_en == "Renamed"
        close_reading(None)
    world.app.extensions["workbench"].store.close()
