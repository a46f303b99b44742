"""Pages of a household: what happened is written down once, told to the lines, and taken back with a reason."""

import pytest
from screens import text_of
from sqlmodel import select

from workbench.people.household_events import open_household
from workbench.people.household_models import HouseholdEventRow, MeansConsentRow
from workbench.people.household_record import Deed
from workbench.people.households import members_of
from workbench.people.models import PersonRow

KEY = "01M8BBBBBBBBBBBBBBBBBBBBB%d"


@pytest.fixture
def home(act, register) -> tuple[str, str, str]:
    """A household of two, and somebody without one."""
    with act() as ctx:
        head, wife = register(ctx, "测试户主", 901), register(ctx, "测试配偶", 902, "19450301")
        register(ctx, "测试亲戚", 903, "19700301")
        return open_household(ctx, head, "梧桐路12号3幢502室", {wife: "10"}, Deed()).household_id, head, wife


def person(ctx, name: str) -> PersonRow:
    return ctx.session.exec(select(PersonRow).where(PersonRow.name == name)).one()


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_household_page_shows_members_history_and_who_signed(world, home, locale) -> None:
    page = text_of(world.sign_in("worker1", locale).get(f"/h/wutong/households/{home[0]}").text)
    for words in ("梧桐路12号3幢502室", "测试户主", "测试配偶"):
        assert words in page
    assert {"zh_CN": "立户", "en": "Household opened"}[locale] in page
    assert {"zh_CN": "未签署", "en": "not signed"}[locale] in page


def test_household_of_another_hub_is_not_found(world, home) -> None:
    assert world.sign_in("worker21").get(f"/h/yinxing/households/{home[0]}").status_code == 404


def test_somebody_is_found_and_moves_in_once(world, act, home) -> None:
    client, at = world.sign_in("worker1"), f"/h/wutong/households/{home[0]}/change/join"
    assert "测试亲戚" in text_of(client.post(at, data={"q": "测试亲戚", "_find": "1"}).text)
    with act() as ctx:
        relative = person(ctx, "测试亲戚").id
    wrong = client.post(at, data={"person": relative, "relation": "", "q": "测试亲戚"})
    assert wrong.status_code == 422
    data = {"person": relative, "relation": "97", "key": KEY % 1, "proof": "户口簿"}
    for _ in range(2):
        assert client.post(at, data=data).status_code == 303
    with act() as ctx:
        assert len(members_of(ctx, home[0])) == 3
        assert len(ctx.session.exec(select(HouseholdEventRow)).all()) == 2


def test_newborn_without_a_name_or_number_joins_and_a_line_says_what_to_think_of(world, act, home) -> None:
    client, at = world.sign_in("worker1"), f"/h/wutong/households/{home[0]}/change/birth"
    assert client.post(at, data={"parent": home[2]}).status_code == 422
    data = {"parent": home[2], "birth_date": "2026-11-01", "sex": "2", "relation": "30", "key": KEY % 2}
    answers = [client.post(at, data=data) for _ in range(2)]
    assert {one.status_code for one in answers} == {303}
    with act() as ctx:
        (child,) = [one for one in members_of(ctx, home[0]) if one.relation == "30"]
        assert child.name == "测试配偶之女"
        assert child.id_masked == ""
    assert "WJ-001" in text_of(client.get(answers[0].headers["Location"]).text)


def test_death_of_the_head_needs_another_and_is_taken_back(world, act, home) -> None:
    client, at = world.sign_in("worker1"), f"/h/wutong/households/{home[0]}"
    data = {"who": home[1], "key": KEY % 3, "proof": "死亡医学证明"}
    refused = client.post(f"{at}/change/death", data=data)
    assert refused.status_code == 422
    assert "户主" in text_of(refused.text)
    done = client.post(f"{at}/change/death", data=data | {f"rest-{home[2]}": "02"})
    assert "MZ-013" in text_of(client.get(done.headers["Location"]).text)
    with act() as ctx:
        assert ctx.session.get_one(PersonRow, home[1]).status == "dead"
    undo = f"{at}/events/{KEY % 3}/undo"
    assert client.post(undo, data={}).status_code == 422
    assert client.post(undo, data={"reason": "登记错人", "key": KEY % 4}).status_code == 303
    with act() as ctx:
        assert ctx.session.get_one(PersonRow, home[1]).status == "active"
        assert [(one.person_id, one.relation) for one in members_of(ctx, home[0])] == [(home[1], "02"), (home[2], "10")]


def test_split_makes_a_household_with_a_head_of_its_own(world, act, home) -> None:
    client, at = world.sign_in("worker1"), f"/h/wutong/households/{home[0]}/change/split"
    assert client.post(at, data={}).status_code == 422
    data = {"who": home[2], f"new-{home[2]}": "02", "address": "春晓路9号", "key": KEY % 5}
    assert client.post(at, data=data).status_code == 303
    with act() as ctx:
        new = person(ctx, "测试配偶").household_id
        assert new != home[0]
    assert "春晓路9号" in text_of(client.get(f"/h/wutong/households/{new}").text)


def test_line_that_fails_is_named_and_told_again(world, act, home, monkeypatch) -> None:
    caller, heard = world.app.extensions["workbench"].caller, []

    def fails(event) -> None:
        heard.append(event.kind)
        raise RuntimeError

    class Failing:
        argnames = ("event",)
        function = staticmethod(fails)

    load = type(caller)._load
    monkeypatch.setattr(
        type(caller),
        "_load",
        lambda self, line: (
            dict(load(self, line)) | ({"household_changed": Failing()} if line.id == "civil_affairs" else {})
        ),
    )
    client, at = world.sign_in("worker1"), f"/h/wutong/households/{home[0]}"
    done = client.post(f"{at}/change/address", data={"address": "梧桐路99号", "key": KEY % 6})
    assert "民政" in text_of(client.get(done.headers["Location"]).text)
    client.post(f"{done.headers['Location']}/tell", data={})
    assert heard.count("address") >= 3
    with act() as ctx:
        assert ctx.session.get_one(HouseholdEventRow, KEY % 6).untold == "civil_affairs"


def test_signed_paper_is_noted_for_an_adult_and_taken_back(world, act, home) -> None:
    client, at = world.sign_in("worker1"), f"/h/wutong/households/{home[0]}/consents"
    wrong = client.post(f"{at}/{home[1]}", data={f"signed_on-{home[1]}": "x", f"until-{home[1]}": "2026-12-01"})
    assert wrong.status_code == 422
    with act() as ctx:
        today = ctx.clock.today().isoformat()
    data = {f"signed_on-{home[1]}": today, f"until-{home[1]}": today, "key": KEY % 7}
    for _ in range(2):
        assert client.post(f"{at}/{home[1]}", data=data).status_code == 303
    with act() as ctx:
        (consent,) = ctx.session.exec(select(MeansConsentRow)).all()
        consent_id = consent.id
    assert client.post(f"{at}/{consent_id}/end", data={}).status_code == 422
    assert client.post(f"{at}/{consent_id}/end", data={f"reason-{consent_id}": "本人撤回"}).status_code == 303
    assert "本人撤回" in text_of(client.get(f"/h/wutong/households/{home[0]}").text)


def test_person_without_a_household_gets_one(world, act, home) -> None:
    with act() as ctx:
        relative = person(ctx, "测试亲戚").id
    client = world.sign_in("worker1")
    assert client.get(f"/h/wutong/people/{relative}/household").status_code == 200
    made = client.post(f"/h/wutong/people/{relative}/household", data={"address": "和平里3-2-101", "key": KEY % 8})
    assert "和平里3-2-101" in text_of(client.get(made.headers["Location"]).text)
    assert client.get(f"/h/wutong/people/{home[1]}/household").headers["Location"].endswith(home[0])
