"""The worker's list of tasks that departments assigned: on the home page at no cost of its own, settled once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from screens import Count, World, make_person, text_of, world_at_line
from sqlmodel import select

from workbench.assigned.models import AssignedTaskRow
from workbench.delivery.models import DeliveryRow
from workbench.store.context import Context
from workbench.store.ids import new_id

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/assigned"


@pytest.fixture
def world(settings, store, monkeypatch, act: Act) -> Iterator[World]:
    rooms = ("people", "catalogue", "reception", "cases", "delivery", "agenda", "assigned", "duty", "desk", "admin")
    with world_at_line("civil_affairs", act, settings, store, monkeypatch, *rooms) as world:
        yield world


def assign(ctx: Context, title: str = "低保复核", **values: object) -> str:
    given = {"platform_id": "civil_affairs.case_gateway", "line_id": "civil_affairs", "hub_id": "wutong",
             "state": "open", "kind": "review", "their_hub": "wutong", "reference": new_id()}  # fmt: skip
    row = AssignedTaskRow(id=new_id(), title=title, received_at=ctx.clock.now(), **given | values)
    ctx.session.add(row)
    ctx.session.flush()
    return row.id


def test_home_counts_tasks_and_leads_to_them_by_due_day(world: World, act: Act) -> None:
    client = world.sign_in("worker1", "en")
    client.get("/h/wutong/")
    with Count(world) as without:
        client.get("/h/wutong/")
    with act("worker1") as ctx:
        today = ctx.clock.today()
        assign(ctx, "后办的", due_on=today + timedelta(days=3), person_id=make_person(ctx))
        assign(ctx, "先办的", due_on=today - timedelta(days=1))
        assign(ctx, "已关闭的条线", line_id="housing")
        assign(ctx, "别的站", hub_id="yinxing")
    with Count(world) as with_tasks:
        page = text_of(client.get("/h/wutong/").text)
    assert len(with_tasks.statements) == len(without.statements)
    assert "tasks assigned by departments" in page and "1 of them is late" in page
    listed = text_of(client.get(PAGE).text)
    assert listed.index("先办的") < listed.index("后办的") and "测试甲" in listed
    assert "已关闭的条线" in listed  # home counts it: somebody still has to answer
    assert "别的站" not in listed
    assert world.sign_in("hubadmin1").get(PAGE).status_code == 403


def test_list_costs_the_same_for_one_and_for_thirty(world: World, act: Act) -> None:
    client, counts = world.sign_in("worker1", "en"), []
    for more in (1, 29):
        with act("worker1") as ctx:
            for _number in range(more):
                assign(ctx, due_on=date(2026, 12, 1))
        client.get(PAGE)
        with Count(world) as counted:
            client.get(PAGE)
        counts.append(len(counted.statements))
    assert counts[0] == counts[1]


def test_task_is_settled_once_and_its_answer_is_on_the_way(world: World, act: Act) -> None:
    with act("worker1") as ctx:
        task = assign(ctx, detail={"说明": "请入户"}, due_on=ctx.clock.today())
        other = assign(ctx, hub_id="yinxing")
    client = world.sign_in("worker1", "en")
    assert "请入户" in client.get(f"{PAGE}/{task}").text
    assert client.get(f"{PAGE}/{other}").status_code == 404
    wrong = client.post(f"{PAGE}/{task}", data={"result": "done", "words": "", "version": "1"})
    assert wrong.status_code == 422 and "Say what was done" in wrong.text
    said = {"result": "done", "words": "已入户，情况无变化", "version": "1"}
    assert client.post(f"{PAGE}/{task}", data=said).status_code == 303
    assert client.post(f"{PAGE}/{task}", data=said).status_code == 409
    shown = text_of(client.get(f"{PAGE}/{task}").text)
    assert "已入户，情况无变化" in shown and "Answer to the department" in shown
    with act("worker1") as ctx:
        (delivery,) = ctx.session.exec(select(DeliveryRow)).all()
        assert (delivery.operation, delivery.case_id) == ("task_answer", task)
    assert "Done" in text_of(client.get(f"{PAGE}?show=settled").text)
    assert f'href="{PAGE}/{task}"' in client.get("/h/wutong/deliveries").text


def test_quarantine_is_for_system_admins(world: World, act: Act) -> None:
    with act("worker1") as ctx:
        task = assign(ctx, hub_id="", state="quarantined", reason="no-hub", their_hub="别处")
    assert world.sign_in("worker1").get(f"{PAGE}/quarantine").status_code == 403
    client = world.sign_in("sysadmin", "en")
    assert "for “别处”" in text_of(client.get(f"{PAGE}/quarantine").text)
    assert client.post(f"{PAGE}/quarantine/{task}", data={}).status_code == 422
    client.post(f"{PAGE}/quarantine/{task}", data={f"words-{task}": "已告知部门"})
    assert "Nothing is in quarantine" in text_of(client.get(f"{PAGE}/quarantine").text)
