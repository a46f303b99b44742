"""The one box: found by kind, never written down, other hubs only with a reason."""

import pytest
from screens import Count, text_of
from sqlmodel import select

from workbench.identity.models import AuditRow
from workbench.people.check import PersonInput
from workbench.people.register import register_person

#: Session, hub, frame 2, people, cases, and the audit's own three.
SEARCH_QUERIES = 8


def searches(act) -> list[dict]:
    with act() as ctx:
        return [row.model_dump() for row in ctx.session.exec(select(AuditRow)) if row.action == "search"]


def test_empty_search_says_what_can_be_typed(world) -> None:
    page = text_of(world.sign_in("worker1", "en").get("/h/wutong/search").text)
    assert "What you can type" in page
    assert "New resident" in page


def test_search_finds_residents_items_and_cases(world, act, register) -> None:
    with act() as ctx:
        register(ctx)
        number = world.make_case(ctx, "MZ-001").case_no
    client = world.sign_in("worker1", "en")
    assert "测试老人" in client.post("/h/wutong/search", data={"q": "cslr"}).text
    assert "MZ-001" in client.post("/h/wutong/search", data={"q": "dbsq"}).text
    assert number in client.post("/h/wutong/search", data={"q": number}).text


def test_one_hit_is_shown_and_not_jumped_to(world, act, register, number) -> None:
    with act() as ctx:
        register(ctx)
    answer = world.sign_in("worker1").post("/h/wutong/search", data={"q": number()})
    assert answer.status_code == 200
    assert answer.text.count("/h/wutong/people/") >= 1


def test_what_was_typed_is_not_in_the_trail(world, act, register, number) -> None:
    with act() as ctx:
        register(ctx)
    world.sign_in("worker1").post("/h/wutong/search", data={"q": number()})
    rows = searches(act)
    assert [(row["detail"]["kind"], row["detail"]["hits"]) for row in rows] == [("sent", 1)]
    assert number() not in repr(rows)


def test_search_is_not_taken_from_an_address(world, act, register) -> None:
    with act() as ctx:
        register(ctx)
    assert "测试老人" not in world.sign_in("worker1").get("/h/wutong/search?q=测试老人").text


def test_suggestions_are_a_fragment(world, act, register) -> None:
    with act() as ctx:
        register(ctx)
    answer = world.sign_in("worker1").post("/h/wutong/suggest", data={"q": "测试"}, headers={"HX-Request": "true"})
    assert "测试老人" in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("people", [1, 3])
def test_search_asks_as_often_for_one_hit_as_for_three(world, act, register, people) -> None:
    with act() as ctx:
        for sequence in range(901, 901 + people):
            register(ctx, sequence=sequence)
    client = world.sign_in("worker1")
    client.post("/h/wutong/search", data={"q": "测试"})
    world.app.extensions.pop("workbench.platform_health", None)
    with Count(world) as count:
        assert client.post("/h/wutong/search", data={"q": "测试"}).text.count("测试老人") == people
    assert len(count.statements) == SEARCH_QUERIES, count.statements


def test_wrong_number_says_what_is_wrong(world) -> None:
    page = world.sign_in("worker1", "en").post("/h/wutong/search", data={"q": "990100194003019010"}).text
    assert "check character" in page


def test_visitor_opens_only_after_a_reason(world, act, number) -> None:
    with act("worker21") as ctx:
        given = PersonInput.model_validate({"name": "外站居民", "id_no": number(905)})
        visitor = register_person(ctx, given).id
    client = world.sign_in("worker1", "en")
    assert client.get(f"/h/wutong/people/{visitor}").status_code == 404
    assert "外站居民" not in client.post("/h/wutong/search", data={"q": number(905)}).text

    refused = client.post("/h/wutong/search/citywide", data={"q": number(905), "reason": " "})
    assert refused.status_code == 422
    assert client.get(f"/h/wutong/people/{visitor}").status_code == 404

    found = client.post("/h/wutong/search/citywide", data={"q": number(905), "reason": "来本站办理"})
    assert found.headers["Location"].endswith(visitor)
    page = client.get(f"/h/wutong/people/{visitor}")
    assert page.status_code == 200
    assert "belongs to another hub: yinxing" in page.text
    form = client.post(f"/h/wutong/people/{visitor}/start", data={"item": "MZ-004"}).headers["Location"]
    assert client.get(form).status_code == 200
    assert world.sign_in("worker2").get(f"/h/wutong/people/{visitor}").status_code == 404
    with act() as ctx:
        row = ctx.session.exec(select(AuditRow).where(AuditRow.action == "person.citywide")).one()
        assert (row.person_id, row.purpose) == (visitor, "来本站办理")


def test_names_are_never_found_citywide(world, act, number) -> None:
    with act("worker21") as ctx:
        register_person(ctx, PersonInput.model_validate({"name": "外站居民", "id_no": number(905)}))
    answer = world.sign_in("worker1", "en").post(
        "/h/wutong/search/citywide", data={"q": "外站居民", "reason": "来本站办理"}
    )
    assert "/people/01" not in answer.text


def test_hub_admin_may_not_search(world) -> None:
    assert world.sign_in("hubadmin1").post("/h/wutong/search", data={"q": "测试"}).status_code == 403
