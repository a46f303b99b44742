"""A resident looks where a matter stands: by number and last four characters, in plain words, rate limited."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from screens import NUMBER, World, open_world, text_of
from sqlmodel import select

from workbench.cases.models import CaseRow, SuspensionRow
from workbench.cases.moves import CLOSED_STATES, OPEN_STATES
from workbench.desk import progress
from workbench.identity import floods
from workbench.identity.models import AttemptRow


@pytest.fixture
def world(settings: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "desk")
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def number(world: World, act: Any) -> str:
    with act("worker1") as ctx:
        return world.make_case(ctx).case_no or ""


def look(world: World, number: str, last_four: str = NUMBER[-4:], locale: str = "zh_CN") -> Any:
    client = world.app.test_client()
    client.set_cookie("locale", locale)
    return client.post("/progress", data={"number": number, "last_four": last_four})


def test_page_asks_without_sign_on(world: World) -> None:
    page = world.app.test_client().get("/progress")
    assert page.status_code == 200
    assert "证件号码后四位" in page.text


def test_case_is_told_in_plain_words_and_nothing_about_the_person(world: World, number: str) -> None:
    page = look(world, number)
    assert page.status_code == 200
    assert "已经受理，正在办理" in page.text
    assert "It was accepted and is being handled" in look(world, number, locale="en").text
    for secret in ("测试甲", NUMBER, "19900000001", "illness"):
        assert secret not in page.text
    assert not re.search(r"\b1950\b", text_of(page.text))  # any token may hold four digits
    assert page.headers["Cache-Control"] == "no-store"


def test_correction_says_by_when(world: World, act: Any, number: str) -> None:
    with act("worker1") as ctx:
        case = ctx.session.exec(select(CaseRow)).one()
        case.state, day = "correction", ctx.clock.today()
        ctx.session.add(SuspensionRow(case_id=case.id, kind="correction", reason="缺页", from_day=day, reply_by=day))
    page = look(world, number)
    assert "需要您补充材料或更正内容" in page.text
    assert day.isoformat() in page.text


@pytest.mark.parametrize(("wrong_number", "last_four"), [(False, "0000"), (True, NUMBER[-4:]), (False, "****")])
def test_what_does_not_fit_looks_the_same(world: World, number: str, wrong_number: bool, last_four: str) -> None:
    page = look(world, "990100001001-20260101-99999" if wrong_number else number, last_four)
    assert page.status_code == 404
    assert "编号和证件号码后四位不符" in page.text


def test_guessing_is_stopped_per_number_and_per_address(world: World, act: Any, number: str) -> None:
    for _ in range(floods.PROGRESS.most["number"]):
        assert look(world, number, "0000").status_code == 404
    assert look(world, number).status_code == 429  # even the right characters, for a while
    for tried in range(floods.PROGRESS.most["address"]):
        look(world, f"990100001001-20260101-{tried:05d}", "0000")
    assert look(world, "990100001001-20260102-00001", "0000").status_code == 429
    with act("worker1") as ctx:
        assert all(number.encode() not in row.bucket for row in ctx.session.exec(select(AttemptRow)))


def test_every_state_has_plain_words() -> None:

    for state in (*OPEN_STATES, *CLOSED_STATES):
        case = CaseRow.model_construct(state=state, result="granted")
        assert progress.plain_words(case) != ("请联系站点。", "Please ask at the hub.")
