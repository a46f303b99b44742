"""The page of conflicts: every value with source and time, one chosen with a reason."""

import pytest
from screens import text_of

from workbench.people.corrected import corrected
from workbench.people.facts import FactInput, current_facts, record_facts

KEY = "person.residence_address"


@pytest.fixture
def person(act, register) -> str:
    with act() as ctx:
        person_id = register(ctx, person__residence_address="示例路1号")
        record_facts(ctx, person_id, [FactInput(KEY, "示例路2号")])
        return person_id


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_conflict_is_shown_and_settled(world, act, person, locale) -> None:
    client, url = world.sign_in("worker1", locale), f"/h/wutong/people/{person}/conflicts"
    page = text_of(client.get(url).text)
    assert "示例路1号 · 民政局" in page
    assert "示例路2号 · 本人" in page
    assert url in client.get(f"/h/wutong/people/{person}").text
    typed = {"key": KEY, "seen": "2", f"{KEY}__choice": "1"}
    assert client.post(url, data=typed).status_code == 422
    assert client.post(url, data=typed | {f"{KEY}__reason": "上门核实"}).status_code == 303
    with act() as ctx:
        assert current_facts(ctx, person, [KEY])[KEY].value == "示例路2号"
    assert "示例路1号" not in client.get(url).text


def test_conflicts_of_another_hub_are_not_there(world, person) -> None:
    assert world.sign_in("worker21").get(f"/h/yinxing/people/{person}/conflicts").status_code == 404


def test_home_tells_of_cases_that_were_corrected_elsewhere(world, act, register) -> None:
    with act() as ctx:
        person_id = world.make_case(ctx, "MZ-001", register(ctx)).person_id
    client = world.sign_in("worker1", "en")
    assert "/corrections" not in client.get("/h/wutong/").text
    with act() as ctx:
        corrected(ctx, person_id, [FactInput(KEY, "示例路9号")])
    assert "1 of your cases says something that was corrected elsewhere." in text_of(client.get("/h/wutong/").text)
    assert "/corrections" not in world.sign_in("worker2", "en").get("/h/wutong/").text
