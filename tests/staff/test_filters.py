"""What is chosen on a list is kept for its worker under a name, on every list that can be narrowed."""

from collections.abc import Iterator

import pytest
from markupsafe import escape
from screens import World, open_world

from workbench.settings import Settings
from workbench.store.engine import Store

FILTERS = "/h/wutong/filters"
LISTS = (
    ("reviewer1", "cases.review", "review", "line=civil_affairs"),
    ("worker1", "delivery.deliveries", "deliveries", "state=all&platform=civil_affairs.case_gateway"),
    ("worker1", "documents.register", "documents", "kind=acceptance"),
    ("worker1", "agenda.agenda", "agenda", "kind=recheck"),
    ("hubadmin1", "duty.work", "work", "line=civil_affairs"),
)


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    rooms = ("people", "delivery", "cases", "reception", "agenda", "documents", "duty", "desk")
    opened = open_world(settings, store, monkeypatch, *rooms)
    yield opened
    opened.app.extensions["workbench"].store.close()


def test_every_list_that_can_be_narrowed_keeps_what_is_chosen(world: World) -> None:
    for who, endpoint, path, query in LISTS:
        client, there = world.sign_in(who), f"/h/wutong/{path}?{query}"
        shown = client.get(there).text
        assert f'name="list" value="{endpoint}"' in shown
        assert f'name="query" value="{escape(query)}"' in shown
        kept = client.post(FILTERS, data={"list": endpoint, "query": query, "filter_name": "我的"})
        assert (kept.status_code, kept.headers["Location"]) == (303, there)
        again = client.get(f"/h/wutong/{path}").text
        assert f'href="{escape(there)}">我的' in again
        client.post(FILTERS, data={"list": endpoint, "action": "drop", "filter_name": "我的"})
        assert ">我的<" not in client.get(f"/h/wutong/{path}").text


def test_tenth_filter_and_one_without_a_name_are_refused_in_words(world: World) -> None:
    client = world.sign_in("reviewer1")
    for number in range(10):
        client.post(FILTERS, data={"list": "cases.review", "query": "", "filter_name": f"第{number}个"})
    page = client.get("/h/wutong/review").text
    assert "最多保存 9 个筛选" in page
    assert "第9个" not in page
    client.post(FILTERS, data={"list": "cases.review", "filter_name": " "})
    assert "请填写名称" in client.get("/h/wutong/review").text


def test_filter_leads_to_lists_of_the_hub_only(world: World) -> None:
    client = world.sign_in("worker1")
    for endpoint in ("identity.sign_out", "cases.case", "nothing", ""):
        assert client.post(FILTERS, data={"list": endpoint, "filter_name": "x"}).status_code == 404
    query = "hub=yinxing&_scheme=http&_external=1&line=x"
    there = client.post(FILTERS, data={"list": "cases.review", "query": query, "filter_name": "x"})
    assert there.headers["Location"] == "/h/wutong/review?line=x"
