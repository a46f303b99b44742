"""An item known by name only: taken in with the resident's words, forwarded, and claiming nothing."""

from collections.abc import Iterator

import pytest
from screens import NUMBER, World, make_person, open_world, text_of
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.delivery.models import DeliveryRow
from workbench.hubs.open_lines import open_line

CODE, PLATFORM = "ZF-001", "housing.housing_security"


@pytest.fixture
def world(settings, store, monkeypatch, act) -> Iterator[World]:
    world = open_world(settings, store, monkeypatch, "people", "catalogue", "reception", "cases", "delivery", "desk")
    with act("hubadmin1") as ctx:
        open_line(ctx, world.installed, "housing")
    yield world
    world.app.extensions["workbench"].store.close()


def start(world: World, person: str) -> str:
    client = world.sign_in("worker1", "en")
    return client.post(f"/h/wutong/people/{person}/start", data={"item": CODE}).headers["Location"]


@pytest.fixture
def person(act) -> str:
    with act() as ctx:
        return make_person(ctx)


def test_form_says_what_is_known_and_asks_for_the_residents_words(world, person) -> None:
    page = text_of(world.sign_in("worker1", "en").get(start(world, person)).text)
    assert "Only the name of this item is known here." in page
    assert "Nobody has read them yet." in page
    assert "All conditions together" not in page and "No materials are needed" not in page


def test_nothing_is_said_to_be_missing(world, person) -> None:
    form = start(world, person)
    client = world.sign_in("worker1", "en")
    assert "/notice" not in client.get(form).text
    assert client.get(form.replace("/form", "/notice")).status_code == 404


def test_accepted_matter_waits_to_be_typed_into_the_department_s_system(world, person, act) -> None:
    form = start(world, person)
    client = world.sign_in("worker1", "en")
    values = {"name": "测试甲", "id_type": "111", "id_no": NUMBER, "phone": "15400000001"}
    client.post(form, data=values | {"request": "房租太贵，想问公租房", "_check": "1"})
    check = client.get(form.replace("/form", "/check")).text
    assert "房租太贵" in check
    key = check.partition('name="accept_key" value="')[2].partition('"')[0]
    assert client.post(form.replace("/form", "/accept"), data={"accept_key": key}).status_code == 303
    with act() as ctx:
        delivery = ctx.session.exec(select(DeliveryRow)).one()
        assert delivery.case_id == ctx.session.exec(select(CaseRow.id)).one()
        assert (delivery.platform_id, delivery.operation) == (PLATFORM, "forward")
