"""Two people on one case: the second is told at the next poll, and neither can overwrite the other."""

from datetime import timedelta
from typing import Any

from screens import World, text_of

HTMX = {"HX-Request": "true"}


def test_second_is_told_within_one_poll_and_cannot_overwrite(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx, "MZ-001")
        case_id, version = case.id, case.version
    url = f"/h/wutong/cases/{case_id}"
    first, second = world.sign_in("reviewer1"), world.sign_in("approver1")
    assert first.get(url).status_code == 200
    shown = second.get(url)
    assert shown.status_code == 200
    assert "reviewer1 也正打开此办件" in text_of(shown.text)
    seen = second.get(f"{url}/state", headers=HTMX)
    tag = seen.headers["ETag"]
    assert second.get(f"{url}/state", headers=HTMX | {"If-None-Match": tag}).status_code == 304

    stop = {"action": "suspend", "reason": "等待外调", "version": version}
    assert first.post(url, data=stop).status_code == 303

    told = second.get(f"{url}/state", headers=HTMX | {"If-None-Match": tag})
    assert told.status_code == 200
    assert "已挂起" in text_of(told.text)
    late = second.post(url, data={"action": "return", "reason": "材料不符", "version": version})
    assert late.status_code == 409
    assert "刚刚被他人更新" in late.text
    assert "材料不符" in late.text  # what was typed is kept
    assert "已挂起" in text_of(second.get(url).text)


def test_first_is_told_at_the_next_poll_that_another_came_and_that_they_left(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        url = f"/h/wutong/cases/{world.make_case(ctx, 'MZ-001').id}"
    first, second, clock = (
        world.sign_in("reviewer1"),
        world.sign_in("approver1"),
        world.app.extensions["workbench"].clock,
    )
    page = first.get(url).text
    assert "也正打开此办件" not in page
    tag = {"If-None-Match": first.get(f"{url}/state", headers=HTMX).headers["ETag"]}
    assert first.get(f"{url}/state", headers=HTMX | tag).status_code == 304

    second.get(url)
    told = first.get(f"{url}/state", headers=HTMX | tag)
    assert "approver1 也正打开此办件" in text_of(told.text)
    assert "reviewer1" not in text_of(told.text)

    clock.offset += timedelta(seconds=45)
    assert first.get(f"{url}/state", headers=HTMX).status_code == 200  # it polls on, the other does not
    clock.offset += timedelta(seconds=45)
    assert "也正打开此办件" not in first.get(f"{url}/state", headers=HTMX).text
    assert "reviewer1 也正打开此办件" in text_of(second.get(f"{url}/state", headers=HTMX).text)


def test_what_was_typed_stays_when_the_first_leaves_nothing_to_do(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx, "MZ-001")
        url, version = f"/h/wutong/cases/{case.id}", case.version
    first, second = world.sign_in("worker1"), world.sign_in("reviewer1")
    gone = {"action": "withdraw", "reason": "居民撤回", "version": version}
    assert first.post(url, data=gone).status_code == 303

    opinion = {"action": "agree", "reason": "入户属实", "visitors": "甲、乙", "visited_on": "2026-11-23"}
    late = second.post(url, data=opinion | {"version": version})
    assert late.status_code == 409
    words = text_of(late.text)
    assert "您刚才填写的内容" in words
    for typed in ("入户属实", "甲、乙", "2026-11-23"):
        assert typed in words

    days = {"action": "ask_extension", "days": "5", "extension_reason": "外地核查未回", "version": version}
    late = second.post(f"{url}/clocks", data=days)
    assert late.status_code == 409
    assert "外地核查未回" in text_of(late.text)
