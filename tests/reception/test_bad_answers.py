"""A department that swaps columns or fills in `1`: nothing of it is taken, and the form goes on."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from conftest import Act
from screens import World, open_world
from sitting import id_number
from sittings import LINES, Table

from workbench.api.parcels import Answer, Question
from workbench.catalogue.loaded import catalogue
from workbench.hubs.open_lines import open_line
from workbench.people.check import PersonInput
from workbench.people.facts import read_history
from workbench.people.register import register_person
from workbench.reception.judge_together import judge_together
from workbench.reception.lacking import keep_answers
from workbench.reception.lookup import Call, Heard
from workbench.settings import Settings
from workbench.store.engine import Store

NUMBER = id_number("99010019900101902")
BAD = {
    "number in the column of names": ("person.name", NUMBER),
    "name in the column of numbers": ("person.id_no", "测试母亲"),
    "1 as a number": ("person.id_no", "1"),
    "power of ten": ("person.id_no", "3.20525E+17"),
    "day with filler": ("person.birth_date", "1970-1-2 0.0.0.0"),
    "whole day with filler": ("person.birth_date", "1970-01-02 0.0.0.0"),
    "phone": ("person.phone", "0"),
    "code nobody knows": ("person.marital_status", "已婚"),
    "name of a spouse": ("spouse.name", "?"),
}


@pytest.fixture
def world(settings: Settings, store: Store, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "desk")
    with act("hubadmin1") as ctx:
        for line_id in LINES:
            open_line(ctx, opened.installed, line_id)
    yield opened
    opened.app.extensions["workbench"].store.close()


def heard_of(world: World, *answers: Answer) -> Heard:
    platform = next(one for one in world.installed.platforms if one.manifest and one.manifest.lookups)
    question = Question("测试母亲", NUMBER, tuple(answer.key for answer in answers), "测试", "wutong")
    return Heard(Call(platform, "me", question, {}, False, None), "answered", answers)


def test_answer_that_cannot_be_is_taken_for_nothing(world: World, act: Act) -> None:
    with act() as ctx:
        given = PersonInput(name="测试母亲", id_no=NUMBER, phone="19900000902")
        person = register_person(ctx, given).id
    table = Table(world, act, world.sign_in("worker1"), person)
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    with act() as ctx:
        before, day = read_history(ctx, person), date(2026, 11, 1)
        sitting = table.read(ctx)
        judged = judge_together(ctx, catalogue(world.installed), world.installed, sitting)
        drafts: list[Any] = [dict(part.draft.values or {}) for part in sitting.parts]
        bad = [Answer(key, value, day) for key, value in BAD.values()]
        for answer in bad:
            assert keep_answers(ctx, sitting, judged, [heard_of(world, answer)]) != {}
            assert read_history(ctx, person) == before, answer
        assert [dict(part.draft.values or {}) for part in sitting.parts] == drafts
        good = Answer("person.residence_address", "示范路7号", day)
        keep_answers(ctx, sitting, judged, [heard_of(world, *bad, good)])
        assert set(read_history(ctx, person)) - set(before) == {"person.residence_address"}
    assert table.client.get(f"{table.url}/form").status_code == 200
