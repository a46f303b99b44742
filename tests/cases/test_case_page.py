"""The page of a case: where it stands in words, what may be done, and nothing typed is ever lost."""

from typing import Any

import pytest
from screens import Count, Stood, World, give_role, text_of
from sqlmodel import select

from workbench.cases.models import CaseEventRow, CaseRow
from workbench.cases.next_step import next_step
from workbench.cases.timeline import tell_event
from workbench.cases.words import KINDS, STATES
from workbench.delivery.models import REASONS, DeliveryEventRow, DeliveryRow, PlatformRow
from workbench.delivery.models import STATES as DELIVERY_STATES
from workbench.delivery.standing import read_standings
from workbench.identity.models import AuditRow

GATEWAY = "civil_affairs.case_gateway"


@pytest.fixture
def stood(world: World, act: Any) -> Stood:
    with act("worker1") as ctx:
        return world.stand(ctx)


def change(act: Any, case_id: str, **values: Any) -> None:
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        for name, value in values.items():
            setattr(case, name, value)


def version(act: Any, case_id: str) -> int:
    with act("worker1") as ctx:
        return int(ctx.session.get_one(CaseRow, case_id).version)


def test_page_tells_state_numbers_due_day_and_who_acts(world: World, stood: Stood) -> None:
    page = text_of(world.sign_in("worker1").get(f"/h/wutong/cases/{stood.case}").text)
    for words in (
        "已受理",
        "个工作日",
        "等待审核人办理本环节。",
        "民政业务协同网关",
        "经办社工 worker1",
        "1,200.00 元",
    ):
        assert words in page
    english = text_of(world.sign_in("worker1", "en").get(f"/h/wutong/cases/{stood.case}").text)
    for words in ("Accepted", "working days left", "Waiting for the reviewer to take this step.", "1,200.00 yuan"):
        assert words in english


@pytest.mark.parametrize(("said", "shown"), [("准予", "准予"), ("", "准予"), ("自下月起发放", "准予: 自下月起发放")])
def test_result_is_said_once(world: World, act: Any, stood: Stood, said: str, shown: str) -> None:
    change(act, stood.case, state="concluded", result="granted", result_text=said)
    page = text_of(world.sign_in("worker1").get(f"/h/wutong/cases/{stood.case}").text)
    assert f"结果 {shown}" in page
    assert f"{shown}: 准予" not in page


def test_numbers_of_a_resident_are_masked(world: World, stood: Stood) -> None:
    page = world.sign_in("worker1").get(f"/h/wutong/cases/{stood.case}").text
    assert "990101195003071239" not in page
    assert "6200000000000000000" not in page
    assert "19900000001" not in page


def test_each_look_is_written_down_and_polling_is_not(world: World, act: Any, stood: Stood) -> None:
    client = world.sign_in("worker1")
    client.get(f"/h/wutong/cases/{stood.case}")
    client.get(f"/h/wutong/cases/{stood.case}/state", headers={"HX-Request": "true"})
    with act("worker1") as ctx:
        looks = ctx.session.exec(select(AuditRow).where(AuditRow.action == "case.look")).all()
        assert [(row.subject, row.purpose) for row in looks] == [(f"case:{stood.case}", "办理最低生活保障")]
        assert looks[0].person_id


def test_case_of_another_hub_or_line_cannot_be_seen(world: World, act: Any, stood: Stood) -> None:
    assert world.sign_in("worker21").get(f"/h/wutong/cases/{stood.case}").status_code == 404
    assert world.sign_in("worker21").get(f"/h/yinxing/cases/{stood.case}").status_code == 404
    assert world.sign_in("hubadmin1").get(f"/h/wutong/cases/{stood.case}").status_code == 403
    with act("worker21", hub="wutong") as ctx:
        give_role(ctx, "worker21", "worker", "social_security")
    assert world.sign_in("worker21").get(f"/h/wutong/cases/{stood.case}").status_code == 403


def test_live_part_answers_304_until_something_moves(world: World, act: Any, stood: Stood) -> None:
    client, url, htmx = world.sign_in("worker1"), f"/h/wutong/cases/{stood.case}/state", {"HX-Request": "true"}
    first = client.get(url, headers=htmx)
    again = client.get(url, headers=htmx | {"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.text) == (200, 304, "")
    assert first.headers["ETag"].strip('"') in first.text
    with act("worker1") as ctx:
        ctx.session.get_one(DeliveryRow, stood.delivery).state = "accepted"
    moved = client.get(url, headers=htmx | {"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    assert 'id="progress"' in moved.text
    assert 'hx-swap-oob="innerHTML:#timeline"' in moved.text
    assert client.get(url).status_code == 303


def test_page_asks_sooner_while_a_delivery_is_under_way(world: World, act: Any, stood: Stood) -> None:
    url = f"/h/wutong/cases/{stood.case}"
    assert 5000 <= _every(world.sign_in("worker1").get(url).text) < 8001
    with act("worker1") as ctx:
        for row in ctx.session.exec(select(DeliveryRow)):
            row.state = "done"
    assert 20000 <= _every(world.sign_in("worker1").get(url).text) < 23001


def _every(page: str) -> int:
    return int(page.split('hx-trigger="every ')[1].split("ms")[0])


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("draft", "voided")])
def test_every_state_has_a_next_step_and_a_page(world: World, act: Any, stood: Stood, state: str) -> None:
    change(act, stood.case, state=state, result="refused" if state == "concluded" else "", step="", step_by="")
    for locale in ("zh_CN", "en"):
        response = world.sign_in("worker1", locale).get(f"/h/wutong/cases/{stood.case}")
        assert response.status_code == 200
        assert STATES[state][locale == "en"] in text_of(response.text)
    with act("worker1") as ctx:
        found = next_step(ctx.session.get_one(CaseRow, stood.case), [])
        assert found.zh.endswith("。")
        assert found.en.endswith(".")


def test_every_state_and_reason_of_a_delivery_has_words_who_acts_and_since(
    world: World, act: Any, stood: Stood
) -> None:
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, stood.delivery)
        for state in DELIVERY_STATES:
            for reason in REASONS:
                row.state, row.reason, row.done_at = state, reason, ctx.clock.now()
                ctx.session.flush()
                found = next(s for s in read_standings(ctx.session, stood.case, world.installed) if s.id == row.id)
                assert found.text_zh and found.text_en
                assert "{" not in found.text_zh + found.text_en
                assert found.since is not None
                assert bool(found.who_zh) == bool(found.who_en)
                assert found.who_zh or state == "done"


@pytest.mark.parametrize("state", DELIVERY_STATES)
def test_page_draws_every_state_of_a_delivery(world: World, act: Any, stood: Stood, state: str) -> None:
    reasons = {"needs-people": ("rekey", "outcome-unknown", "credentials"), "parked": ("held", "adapter-missing")}
    for reason in reasons.get(state, ("",)):
        with act("worker1") as ctx:
            row = ctx.session.get_one(DeliveryRow, stood.delivery)
            row.state, row.reason = state, reason
        for locale in ("zh_CN", "en"):
            response = world.sign_in("worker1", locale).get(f"/h/wutong/cases/{stood.case}")
            assert response.status_code == 200
            assert ("起始时间" if locale == "zh_CN" else "Since") in response.text


def test_sick_platform_is_named_with_since_and_next_try(world: World, act: Any, stood: Stood) -> None:
    with act("worker1") as ctx:
        now = ctx.clock.now()
        ctx.session.add(
            PlatformRow(platform_id=GATEWAY, health="down", since=now, closed_until=now, closed_reason="platform-down")
        )
    page = text_of(world.sign_in("worker1", "en").get(f"/h/wutong/cases/{stood.case}").text)
    assert "Civil affairs case gateway does not answer since" in page
    assert "it is sent again by itself, next try" in page
    assert "Nothing for you to do." in page


def test_delivery_that_needs_the_worker_comes_first_and_leads_there(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        stood = world.stand(ctx, "MZ-010", "needs-people", "rekey")
    page = world.sign_in("worker1").get(f"/h/wutong/cases/{stood.case}").text
    assert "banner--stop" in page
    assert f"/h/wutong/deliveries/{stood.delivery}/sheet" in page


def test_every_kind_of_event_is_told_in_both_languages() -> None:
    for kind in (*KINDS, "something new"):
        row = CaseEventRow(
            case_id="C", at=None, kind=kind, actor_id="system", detail={"text": "原话", "status": "granted"}
        )
        told = tell_event(row, None, {})
        assert told.title_zh and told.title_en and told.icon
        assert "原话" in told.text_zh


def test_timeline_merges_deliveries_newest_first_and_offers_the_proof(world: World, act: Any, stood: Stood) -> None:
    with act("worker1") as ctx:
        event = DeliveryEventRow(delivery_id=stood.delivery, at=ctx.clock.now(), state="accepted", proof=b'{"no":1}')
        ctx.session.add(event)
        ctx.session.flush()
        event_id = event.id
    client = world.sign_in("worker1")
    page = client.get(f"/h/wutong/cases/{stood.case}").text
    timeline = text_of(page[page.index('id="timeline"') :])
    assert timeline.index("民政业务协同网关：已收件") < timeline.index("受理 ")
    proof = client.get(f"/h/wutong/cases/{stood.case}/proof/{event_id}")
    assert (proof.status_code, proof.data) == (200, b'{"no":1}')
    assert "attachment" in proof.headers["Content-Disposition"]
    assert client.get(f"/h/wutong/cases/{stood.case}/proof/{event_id + 1}").status_code == 404


def test_number_of_queries_does_not_grow_with_the_case(world: World, act: Any, stood: Stood) -> None:
    client, url = world.sign_in("worker1"), f"/h/wutong/cases/{stood.case}"
    client.get(url)
    with Count(world) as few:
        client.get(url)
    with act("worker1") as ctx:
        now = ctx.clock.now()
        for number in range(30):
            ctx.session.add(CaseEventRow(case_id=stood.case, at=now, kind="progress", actor_id="system", detail={}))
            ctx.session.add(DeliveryEventRow(delivery_id=stood.delivery, at=now, state="waiting", text=str(number)))
    with Count(world) as many:
        client.get(url)
    assert len(many.statements) == len(few.statements)
    assert len(few.statements) <= 25


def test_missing_reason_stands_beside_its_field_and_the_rest_is_kept(world: World, act: Any, stood: Stood) -> None:
    form = {"action": "ask_correction", "version": version(act, stood.case), "reason": " ", "field": "income_month"}
    response = world.sign_in("reviewer1").post(f"/h/wutong/cases/{stood.case}", data=form)
    assert response.status_code == 422
    assert "请写明理由。" in response.text
    assert '<option value="income_month" selected>' in response.text


def test_stale_page_is_refused_and_shown_fresh_with_what_was_typed(world: World, act: Any, stood: Stood) -> None:
    form = {"action": "agree", "version": version(act, stood.case), "reason": "情况属实"}
    change(act, stood.case, version=9)
    response = world.sign_in("reviewer1").post(f"/h/wutong/cases/{stood.case}", data=form)
    assert response.status_code == 409
    assert "这件办件刚刚被他人更新" in response.text
    assert "情况属实</textarea>" in response.text
    assert 'name="version" value="9"' in response.text


def test_wrong_state_says_where_it_stands(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.case, state="concluded")
    form = {"action": "suspend", "version": version(act, stood.case), "reason": "公示"}
    response = world.sign_in("reviewer1", "en").post(f"/h/wutong/cases/{stood.case}", data=form)
    assert response.status_code == 409
    assert "The case stands at “Concluded”" in response.text


def test_each_role_sees_its_own_buttons(world: World, act: Any, stood: Stood) -> None:
    def buttons(username: str) -> set[str]:
        page = world.sign_in(username).get(f"/h/wutong/cases/{stood.case}").text
        return {part.split('"')[0] for part in page.split('name="action" value="')[1:]}

    assert buttons("worker1") == {"withdraw"}
    assert buttons("reviewer1") == {"agree", "disagree", "ask_correction", "suspend", "return"}
    change(act, stood.case, state="concluded", result="granted")
    assert buttons("worker1") == {"hand_over_result", "archive", "appeal"}


def test_result_is_handed_over_and_archived(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.case, state="concluded", result="granted")
    client, url = world.sign_in("worker1"), f"/h/wutong/cases/{stood.case}"
    for action, state in (("hand_over_result", "delivered"), ("archive", "archived")):
        response = client.post(url, data={"action": action, "version": version(act, stood.case)})
        assert response.status_code == 303
        with act("worker1") as ctx:
            assert ctx.session.get_one(CaseRow, stood.case).state == state
    assert "办件已归档。" in client.get(response.headers["Location"]).text


def test_four_eyes_are_asked_for_with_words(world: World, act: Any, stood: Stood) -> None:
    client, url = world.sign_in("approver1"), f"/h/wutong/cases/{stood.case}"
    for _ in range(2):
        form = {"action": "agree", "version": version(act, stood.case), "reason": "情况属实"}
        form |= {"visited_on": "2026-01-05", "visitors": "王一、李二"}
        assert client.post(url, data=form).status_code == 303
    response = client.post(url, data={"action": "agree", "version": version(act, stood.case), "reason": "同意"})
    assert response.status_code == 409
    assert "四眼原则" in response.text
    assert "同意</textarea>" in response.text


def test_queue_lists_the_step_of_each_role_and_pages(
    world: World, act: Any, stood: Stood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.cases.views.PAGE", 2)
    with act("worker1") as ctx:
        ids = [stood.case, *(world.make_case(ctx).id for _ in range(2))]
    client = world.sign_in("reviewer1")
    first = client.get("/h/wutong/review")
    following = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(following)
    assert [case_id in first.text for case_id in ids] == [True, True, False]
    assert [case_id in second.text for case_id in ids] == [False, False, True]
    assert "data-row" in first.text
    assert world.sign_in("worker1").get("/h/wutong/review").status_code == 403


def test_reviewer_of_one_line_is_not_shown_another_line(world: World, act: Any, stood: Stood) -> None:
    with act("worker21", hub="wutong") as ctx:
        give_role(ctx, "worker21", "reviewer", "social_security")
    assert stood.case not in world.sign_in("worker21").get("/h/wutong/review").text
    assert stood.case in world.sign_in("reviewer1").get("/h/wutong/review").text
