"""Choosing an item: found as it is typed, with hints; only of open lines; begun once."""

import pytest
from screens import Count, give_role, text_of
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.delivery.models import PlatformRow
from workbench.hubs.open_lines import close_line, open_line

#: Session, hub, person, parameters, facts, platforms, parked forms; what is popular is kept for ten minutes.
#: Six read; three write down the look.
PICKER_QUERIES = 9


@pytest.fixture
def person(act, register) -> str:
    with act() as ctx:
        return register(ctx, hukou__local=True)


def url_of(person: str, q: str = "") -> str:
    return f"/h/wutong/people/{person}/items" + (f"?q={q}" if q else "")


def started(act) -> list[str]:
    with act() as ctx:
        return list(ctx.session.exec(select(CaseRow.item_code).where(CaseRow.state == "draft")))


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_lines_stand_with_their_number_and_lead_to_their_items(world, person, locale) -> None:
    client = world.sign_in("worker1", locale)
    page = client.get(url_of(person)).text
    assert ("民政 26" if locale == "zh_CN" else "Civil affairs 26") in text_of(page)
    assert 'value="MZ-101"' not in page
    one = client.get(f"{url_of(person)}?line=civil_affairs").text
    assert all(f'value="{code}"' in one for code in ("MZ-001", "MZ-101"))
    assert 'value="RS-001"' not in one.partition('id="of-line"')[2].partition("</section>")[0]


def test_item_known_by_name_only_says_so(world, person) -> None:
    page = text_of(world.sign_in("worker1", "en").get(url_of(person, "结婚登记")).text)
    assert "Name only" in page.partition("Marriage registration: appointment")[2][:20]


@pytest.mark.parametrize(("typed", "code"), [("dbsq", "MZ-001"), ("4050", "RS-004"), ("zlj", "MZ-004")])
def test_initials_and_aliases_find_the_right_item_first(world, person, typed, code) -> None:
    page = world.sign_in("worker1").get(url_of(person, typed), headers={"HX-Request": "true"}).text
    assert page.partition('name="item" value="')[2].startswith(code)
    assert "<html" not in page
    assert f'data-answers="{typed}"' in page


def test_item_says_whether_its_conditions_are_met(world, person) -> None:
    page = text_of(world.sign_in("worker1", "en").get(url_of(person, "zlj")).text)
    assert "Met" in page.partition("Elder allowance")[2][:200]


def test_item_says_how_its_platform_is(world, act, person) -> None:
    with act() as ctx:
        ctx.session.add(PlatformRow(platform_id="civil_affairs.case_gateway", health="down"))
    page = text_of(world.sign_in("worker1", "en").get(url_of(person, "zlj")).text)
    assert "Down" in page.partition("Items that fit")[2]


def test_superseded_item_says_so_and_is_still_taken_for_old_matters(world, act, person) -> None:
    client = world.sign_in("worker1", "en")
    assert "Replaced" in client.get(url_of(person, "WJ-002")).text
    form = client.post(f"/h/wutong/people/{person}/start", data={"item": "WJ-002"})
    assert "This item has been replaced" in client.get(form.headers["Location"]).text
    assert started(act) == ["WJ-002"]


def test_bundles_list_their_items_and_what_is_elsewhere(world, person) -> None:
    page = text_of(world.sign_in("worker1", "en").get(url_of(person)).text)
    assert "A child is born" in page
    assert "at the department itself" in page


def test_choosing_twice_opens_the_same_form(world, act, person) -> None:
    client = world.sign_in("worker1")
    first = client.post(f"/h/wutong/people/{person}/start", data={"item": "MZ-004"})
    second = client.post(f"/h/wutong/people/{person}/start", data={"item": "MZ-004"})
    assert (first.status_code, first.headers["Location"]) == (303, second.headers["Location"])
    assert first.headers["Location"].endswith("/form")
    assert started(act) == ["MZ-004"]


def test_line_closed_meanwhile_says_so_and_starts_nothing(world, act, person) -> None:
    with act("hubadmin1") as ctx:
        close_line(ctx, "civil_affairs")
    answer = world.sign_in("worker1", "en").post(f"/h/wutong/people/{person}/start", data={"item": "MZ-004"})
    assert answer.status_code == 409
    assert "The line Civil affairs was closed at this hub meanwhile." in text_of(answer.text)
    assert started(act) == []
    with act("hubadmin1") as ctx:
        open_line(ctx, world.installed, "civil_affairs")


def test_unknown_item_and_reviewers_start_nothing(world, act, person) -> None:
    unknown = world.sign_in("worker1").post(f"/h/wutong/people/{person}/start", data={"item": "XX-999"})
    refused = world.sign_in("reviewer1").post(f"/h/wutong/people/{person}/start", data={"item": "MZ-004"})
    assert (unknown.status_code, refused.status_code, started(act)) == (409, 403, [])


def test_role_for_one_line_chooses_from_that_line_only(world, act, person) -> None:
    with act("hubadmin1") as ctx:
        give_role(ctx, "reviewer1", "worker", "social_security")
    client = world.sign_in("reviewer1", "en")
    page = text_of(client.get(url_of(person)).text)
    assert ("Civil affairs" in page, "Human resources and social security 47" in page) == (False, True)
    assert client.post(f"/h/wutong/people/{person}/start", data={"item": "MZ-004"}).status_code == 403


def test_picker_asks_as_often_for_one_line_as_for_four(world, act, person) -> None:
    client, asked = world.sign_in("worker1"), []
    for _lines_open in (4, 1):
        client.get(url_of(person))
        world.app.extensions.pop("workbench.platform_health", None)
        with Count(world) as count:
            client.get(url_of(person))
        asked.append(len(count.statements))
        with act("hubadmin1") as ctx:
            for line_id in ("civil_affairs", "family_planning", "disability_federation"):
                close_line(ctx, line_id)
    assert asked == [PICKER_QUERIES, PICKER_QUERIES]
