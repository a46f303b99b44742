"""Every demonstration case can be opened, and every list that shows them."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from screens import World, open_world
from sqlmodel import col, select

import workbench.app
from workbench.cases.models import CaseRow
from workbench.delivery.models import DeliveryEventRow, DeliveryRow
from workbench.settings import Settings
from workbench.store.engine import Store

#: Who looks at a hub's cases.
WORKERS = {"wutong": "worker1", "yinxing": "worker21", "xiangzhang": "worker31"}
LISTS = ("", "deliveries", "deliveries?state=all", "platforms")


@pytest.fixture
def world(filled: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    rooms = (room for room in workbench.app.ROOMS if room != "identity")
    opened = open_world(settings, filled, monkeypatch, *rooms)
    yield opened
    opened.app.extensions["workbench"].store.close()


def refused(client: FlaskClient, paths: list[str], wanted: int = 200) -> dict[str, int]:
    """Give the pages that do not answer as they should."""
    return {path: status for path in paths if (status := client.get(path).status_code) != wanted}


def paths_of(world: World, hub: str, wanted: Callable[[str], bool]) -> list[str]:
    with world.store.read() as session:
        rows = session.exec(select(CaseRow.id, CaseRow.state).where(CaseRow.hub_id == hub)).all()
    return [f"/h/{hub}/cases/{case_id}" for case_id, state in rows if wanted(state)]


def test_every_accepted_case_and_every_list_opens(world: World) -> None:
    for hub, username in WORKERS.items():
        paths = paths_of(world, hub, lambda state: state not in ("draft", "voided"))
        assert len(paths) > 30
        assert refused(world.sign_in(username), paths) == {}
        assert refused(world.sign_in(username, "en"), [f"/h/{hub}/{path}" for path in LISTS]) == {}


def test_review_queues_open(world: World) -> None:
    for hub, username in (("wutong", "reviewer1"), ("wutong", "approver1"), ("yinxing", "reviewer21")):
        page = world.sign_in(username).get(f"/h/{hub}/review")
        assert page.status_code == 200
        assert f"/h/{hub}/cases/" in page.text


def test_drafts_lead_to_their_forms_and_voided_forms_nowhere(world: World) -> None:
    client = world.sign_in("worker21")
    for path in paths_of(world, "yinxing", lambda state: state == "draft"):
        assert client.get(path).headers["Location"] == f"{path}/form"
        assert client.get(f"{path}/form").status_code == 200
    voided = paths_of(world, "wutong", lambda state: state == "voided")
    assert voided
    assert refused(world.sign_in("worker1"), voided, 404) == {}


def test_sheets_and_lost_answers_open(world: World) -> None:
    with world.store.read() as session:
        query = select(DeliveryRow.id, DeliveryRow.hub_id, DeliveryRow.reason)
        rows = session.exec(query.where(col(DeliveryRow.reason).in_(("rekey", "outcome-unknown")))).all()
    assert len(rows) == 8
    for delivery_id, hub, reason in rows:
        page = "sheet" if reason == "rekey" else "unknown"
        assert refused(world.sign_in(WORKERS[hub]), [f"/h/{hub}/deliveries/{delivery_id}/{page}"]) == {}


def test_proofs_of_a_delivery_can_be_taken(world: World) -> None:
    with world.store.read() as session:
        query = select(DeliveryRow.case_id, DeliveryEventRow.id)
        query = query.join(DeliveryEventRow, col(DeliveryEventRow.delivery_id) == DeliveryRow.id)
        query = query.where(DeliveryRow.hub_id == "wutong", DeliveryRow.platform_id == "social_security.integrated")
        held = session.exec(query.where(DeliveryEventRow.state == "accepted")).first()
    assert held
    answer = world.sign_in("worker1").get(f"/h/wutong/cases/{held[0]}/proof/{held[1]}")
    assert b"demonstration" in answer.data
