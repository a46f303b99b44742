"""Two presses at one moment: one does it, the other learns of it; nobody meets an error, nothing is done twice."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from at_once import behind
from flask import Response
from screens import World, text_of, world_with_days
from sittings import Table, open_lines_and_mother
from sqlmodel import func, select
from waiting import PATIENCE

from workbench.cases.models import CaseRow
from workbench.hall.draw import draw
from workbench.hall.models import TicketRow
from workbench.hall.public import hall_key
from workbench.hubs.models import HubRow
from workbench.reception.models import ReceptionRow
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.store.ids import new_id
from workbench.web.acting import writing
from workbench.web.permit import SIGNED_IN, permit

ROOMS = ("people", "catalogue", "delivery", "cases", "reception", "hall", "desk")


@pytest.fixture
def world(settings: Settings, store: Store, act: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with world_with_days(act, settings, store, monkeypatch, *ROOMS) as opened:
        yield opened


def test_two_presses_of_one_worker_open_one_form(world: World, store: Store, act: Any) -> None:
    table = Table(world, act, world.sign_in("worker1"), open_lines_and_mother(world, act))
    with act() as ctx:
        worker_id = ctx.actor.id

    def press() -> Response:
        return _again(world).post(f"/h/wutong/people/{table.mother}/start", data={"item": "WJ-001"})

    with store.write(turn=worker_id):
        both = behind(store, press, press)
    answers = [one.result(PATIENCE) for one in both]
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with act() as ctx:
        counts = [ctx.session.exec(select(func.count()).select_from(row)).one() for row in (ReceptionRow, CaseRow)]
    assert counts == [1, 1]


def test_number_drawn_twice_at_one_moment_is_one_number(world: World, store: Store, act: Any) -> None:
    once = new_id()
    with act() as ctx:
        path = f"/hall/wutong/{hall_key(ctx.keys, 'wutong')}/kiosk"
        assert draw(ctx, "ordinary", once=once).number == "A001"
        client = world.app.test_client()
        (second,) = behind(store, lambda: client.post(path, data={"channel": "ordinary", "once": once}))
    answer = second.result(PATIENCE)
    assert (answer.status_code, once in answer.headers["Location"]) == (303, True)
    with act() as ctx:
        assert ctx.session.exec(select(TicketRow.number)).all() == ["A001"]
        assert draw(ctx, "ordinary").number == "A002"  # no number was used up


@pytest.fixture
def in_the_way(world: World) -> Callable[..., list[int]]:
    """Let a page of the application write what stands already, each time or after it has written something else."""
    world.sign_in("worker1")

    def put(*, writes_before: bool = False) -> list[int]:
        calls: list[int] = []

        def always() -> str:
            calls.append(1)
            if writes_before:
                with writing() as ctx:
                    ctx.session.get_one(HubRow, "wutong").name_en = "renamed"
            with writing() as ctx:
                ctx.session.add(HubRow(id="wutong", name_zh="站", name_en="x", shape="single", division="990100001001"))
            return ""

        world.app.view_functions["identity.lock"] = permit(SIGNED_IN)(always)
        return calls

    return put


@pytest.mark.parametrize(
    ("locale", "title", "button"),
    [
        ("zh_CN", "同一时刻有人做了同样的操作", "重新提交"),
        ("en", "Somebody did the same at this moment", "Send it again"),
    ],
)
def test_what_was_typed_is_there_to_be_sent_again(
    world: World, in_the_way: Any, locale: str, title: str, button: str
) -> None:
    calls = in_the_way()
    answer = world.sign_in("worker1", locale).post("/lock", data={"reason": "typed <here>", "csrf_token": "x"})
    assert (answer.status_code, len(calls)) == (409, 2)
    said = text_of(answer.text)
    assert title in said
    assert button in said
    assert '<form method="post" action="/lock">' in answer.text
    assert '<input type="hidden" name="reason" value="typed &lt;here&gt;">' in answer.text


@pytest.mark.parametrize("sent", [{"new_password": "never in a page"}, {"scan": "a.pdf"}])
def test_what_cannot_stand_in_a_page_is_sent_again_by_hand(world: World, in_the_way: Any, sent: Any) -> None:
    in_the_way()
    data = {name: (io.BytesIO(b"a file"), value) if name == "scan" else value for name, value in sent.items()}
    answer = world.sign_in("worker1", "en").post("/lock", data=data)
    assert answer.status_code == 409
    assert "Go back in the browser and send it again" in answer.text
    assert "never in a page" not in answer.text
    assert 'action="/lock"' not in answer.text.partition("<main")[2]


def test_what_has_written_something_already_is_never_done_twice(world: World, in_the_way: Any) -> None:
    calls = in_the_way(writes_before=True)
    answer = world.sign_in("worker1", "en").post("/lock")
    assert (answer.status_code, len(calls)) == (500, 1)


def _again(world: World) -> Any:
    """Give another window of the same browser."""
    client = world.app.test_client()
    client._cookies = dict(world.sign_in("worker1")._cookies)
    return client
