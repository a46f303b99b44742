"""Numbers are drawn in order, called once each, and say nothing about anybody."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from screens import Count, World, make_person, text_of
from sqlmodel import select

from workbench.hall.call import call_next
from workbench.hall.draw import draw, wait_of
from workbench.hall.models import AppointmentRow, TicketRow
from workbench.hall.public import hall_key
from workbench.hall.slots import book, slots_of
from workbench.identity import floods
from workbench.people.models import PersonRow
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.problems import Problem

HTMX = {"HX-Request": "true"}


def at(moment: str) -> Clock:
    return Clock(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI) - datetime.now(UTC))


def drawn(act: Any, channel: str, moment: str) -> str:
    with act("worker1", clock=at(moment)) as ctx:
        return draw(ctx, channel).number


def called(act: Any, who: str, moment: str) -> str:
    with act(who, clock=at(moment)) as ctx:
        found = call_next(ctx)
        return found.number if found else ""


def test_turn_follows_the_head_start_of_each_channel(world: World, act: Any) -> None:
    assert drawn(act, "ordinary", "2026-11-24 09:00") == "A001"
    assert drawn(act, "ordinary", "2026-11-24 09:05") == "A002"
    assert drawn(act, "express", "2026-11-24 09:12") == "K001"
    assert drawn(act, "green", "2026-11-24 09:28") == "L001"
    order = [called(act, who, "2026-11-24 09:30") for who in ("worker1", "worker2")]
    assert order == ["L001", "A001"]
    with act("worker1", clock=at("2026-11-24 09:30")) as ctx:
        left = ctx.session.exec(select(TicketRow).where(TicketRow.state == "waiting").order_by(TicketRow.turn_at)).all()
        assert [row.number for row in left] == ["K001", "A002"]
        assert wait_of(ctx, left[1]).ahead == 1
    assert drawn(act, "ordinary", "2026-11-25 09:00") == "A001"  # every day counts anew


def test_one_number_has_one_caller_when_two_press_at_once(world: World, act: Any) -> None:
    for minute in range(4):
        drawn(act, "ordinary", f"2026-11-24 09:0{minute}")
    taken: list[str] = []
    ready = threading.Barrier(2)

    def press(who: str) -> None:
        ready.wait()
        taken.append(called(act, who, "2026-11-24 09:10"))

    pressing = [threading.Thread(target=press, args=(who,)) for who in ("worker1", "worker2")]
    for one in pressing:
        one.start()
    for one in pressing:
        one.join()
    assert sorted(taken) == ["A001", "A002"]


def test_worker_with_a_number_in_hand_cannot_call_another(world: World, act: Any) -> None:
    drawn(act, "ordinary", "2026-11-24 09:00")
    drawn(act, "ordinary", "2026-11-24 09:01")
    called(act, "worker1", "2026-11-24 09:05")
    with pytest.raises(Problem, match="one_in_hand"):
        called(act, "worker1", "2026-11-24 09:06")


def press(client: Any, action: str, ticket: str = "", **said: str) -> Any:
    return client.post("/h/wutong/hall", data={"action": action, "ticket": ticket, **said})


def test_page_calls_misses_brings_back_hands_on_and_ends(world: World, act: Any) -> None:
    client, other = world.sign_in("worker1"), world.sign_in("worker2")
    once = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    for _ in range(2):  # a double click draws one number
        assert press(client, "draw", channel="ordinary", once=once).status_code == 303
    assert press(client, "next").status_code == 303
    assert press(other, "next").headers["Location"].endswith("done=nobody")
    assert press(other, "begin", once).status_code == 409  # not theirs
    assert press(client, "miss", once).status_code == 409  # called once only
    press(client, "again", once)
    press(client, "again", once)
    assert press(client, "miss", once).status_code == 303
    assert "A001" in client.get("/h/wutong/hall").text
    assert press(client, "back", once).status_code == 303
    press(client, "next")
    press(client, "begin", once)
    answer = press(client, "hand_on", once, note="")
    assert answer.status_code == 422
    with act("worker2") as ctx:
        worker2 = ctx.actor.id
    assert press(client, "hand_on", once, to=worker2, note="懂方言").status_code == 303
    assert press(client, "next").headers["Location"].endswith("done=nobody")  # it is for worker2 only
    press(other, "next")
    assert "懂方言" in other.get("/h/wutong/hall").text
    press(other, "begin", once)
    assert press(other, "end", once).status_code == 303
    with act("worker1") as ctx:
        assert ctx.session.get_one(TicketRow, once).state == "done"


def test_screen_shows_numbers_and_names_of_tables_only_and_answers_304(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        key = hall_key(ctx.keys, "wutong")
    public = world.app.test_client()
    assert public.get("/hall/wutong/wrong/screen").status_code == 404
    assert public.get(f"/hall/yinxing/{key}/screen").status_code == 404
    page = public.get(f"/hall/wutong/{key}/kiosk")
    assert page.status_code == 200
    answer = public.post(f"/hall/wutong/{key}/kiosk", data={"channel": "green", "once": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})
    assert answer.status_code == 303
    slip = public.get(answer.headers["Location"])
    assert "L001" in slip.text
    assert "Refresh" in slip.headers
    press(world.sign_in("worker1"), "next")
    shown = public.get(f"/hall/wutong/{key}/screen", headers=HTMX)
    assert "L001" in text_of(shown.text)
    again = public.get(f"/hall/wutong/{key}/screen", headers=HTMX | {"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 304


def test_kiosk_stops_giving_numbers_to_a_flood(world: World, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "HALL", floods.Limit("hall", {"address": 2}))
    with act("worker1") as ctx:
        key = hall_key(ctx.keys, "wutong")
    public = world.app.test_client()
    answers = [public.post(f"/hall/wutong/{key}/kiosk", data={"channel": "ordinary"}).status_code for _ in range(3)]
    assert answers == [303, 303, 429]


def test_appointments_fill_half_the_places_and_keep_their_turn(world: World, act: Any) -> None:
    day = date(2026, 11, 24)
    with act("worker1", clock=at("2026-11-24 08:00")) as ctx:
        person = ctx.session.get_one(PersonRow, make_person(ctx))
        free = slots_of(ctx, day)
        assert (free[0].at, free[-1].at, free[0].left) == ("09:00", "20:30", 1)
        book(ctx, person, day, "09:30", "低保")
        assert [slot.left for slot in slots_of(ctx, day)[:2]] == [1, 0]
        with pytest.raises(Problem, match="slot_taken"):
            book(ctx, person, day, "09:30", "")
        with pytest.raises(Problem, match="day_wrong"):
            book(ctx, person, day + timedelta(days=15), "09:30", "")
        assert slots_of(ctx, date(2026, 10, 1)) == []
        person_id, row_id = person.id, ctx.session.exec(select(AppointmentRow.id)).one()
    clock = world.app.extensions["workbench"].clock
    clock.offset = at("2026-11-24 09:25").offset
    drawn(act, "ordinary", "2026-11-24 09:22")
    client = world.sign_in("worker1")
    assert "低保" in client.get("/h/wutong/hall").text
    assert press(client, "arrive", appointment=row_id).status_code == 303
    assert press(client, "arrive", appointment=row_id).status_code == 409
    press(client, "next")
    assert "Y001" in client.get("/h/wutong/hall").text
    page = client.get(f"/h/wutong/hall/appointments?person={person_id}&day=2026-11-25").text
    assert "09:00" in page
    form = {"person": person_id, "day": "2026-11-25", "slot": "10:00", "matter": "社保"}
    assert client.post("/h/wutong/hall/appointments", data=form).status_code == 303
    assert client.post("/h/wutong/hall/appointments", data=form).status_code == 422
    assert "社保" in client.get("/h/wutong/hall/appointments?day=2026-11-25").text


def test_hall_asks_a_constant_number_of_queries(world: World, act: Any) -> None:
    for minute in range(3):
        drawn(act, "ordinary", f"2026-11-24 09:0{minute}")
    client = world.sign_in("worker1")
    client.get("/h/wutong/hall")
    with Count(world) as few:
        client.get("/h/wutong/hall/now", headers=HTMX)
    for minute in range(3, 9):
        drawn(act, "ordinary", f"2026-11-24 09:0{minute}")
    with Count(world) as many:
        client.get("/h/wutong/hall/now", headers=HTMX)
    assert len(many.statements) == len(few.statements)
