"""The night's work: every item once, what failed or was broken off again, nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sitting import id_number
from sqlmodel import select

from workbench.agenda.models import AgendaLookRow, AgendaRow
from workbench.catalogue.dictionary import load_dictionary
from workbench.hubs.open_lines import open_line
from workbench.jobs import nightly
from workbench.jobs.worker import close_workshop, open_workshop
from workbench.jobs.workshop import Workshop
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.register import register_person
from workbench.people.sensitivity import set_sensitivity


@pytest.fixture
def workshop(settings: Any, act: Any) -> Iterator[Workshop]:
    opened = open_workshop(settings)
    set_sensitivity(load_dictionary().is_sensitive)
    with act("worker1") as ctx:
        open_line(ctx, opened.installed, "civil_affairs")
        person = register_person(
            ctx, PersonInput.model_validate({"name": "测试老甲", "id_no": id_number("99010119300307123")})
        )
        facts = [FactInput("hukou.local", True, "department", "公安局", ctx.clock.today())]
        record_facts(ctx, person.id, facts, purpose="测试")
    yield opened
    set_sensitivity(None)
    close_workshop(opened)


def looks(act: Any) -> set[str]:
    with act("worker1") as ctx:
        return {name for name in ctx.session.exec(select(AgendaLookRow.name)) if name.startswith("night")}


def found(act: Any) -> list[str]:
    with act("worker1") as ctx:
        return list(ctx.session.exec(select(AgendaRow.item_code)))


def test_every_item_is_done_once(workshop: Workshop, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    nightly.work_at_night(workshop)
    assert found(act) == ["MZ-005"]
    assert {"night", "night:wutong:MZ-005", "night:wutong:MZ-001"} <= looks(act)
    real = nightly.do_night
    monkeypatch.setattr(nightly, "do_night", lambda *given: pytest.fail("done already"))
    nightly.work_at_night(workshop)

    with act("worker1") as ctx:  # all of it was done when the clock was 400 days ahead
        for row in ctx.session.exec(select(AgendaLookRow)):
            row.at += timedelta(days=400)
    done: list[str] = []
    monkeypatch.setattr(nightly, "do_night", lambda *given: done.append(given[-1].code) or real(*given))
    nightly.work_at_night(workshop)
    assert {"MZ-005", "MZ-001"} <= set(done)
    assert found(act) == ["MZ-005"]


def test_what_failed_is_tried_again_and_keeps_nothing_back(
    workshop: Workshop, act: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = nightly.do_night

    def fails(reading: Any, writing: Any, item: Any) -> Any:
        if item.code == "MZ-001":
            raise RuntimeError("broken")
        return real(reading, writing, item)

    monkeypatch.setattr(nightly, "do_night", fails)
    nightly.work_at_night(workshop)
    assert "MZ-001" in caplog.text
    assert found(act) == ["MZ-005"]
    assert "night" not in looks(act)
    monkeypatch.setattr(nightly, "do_night", real)
    nightly.work_at_night(workshop)
    assert {"night", "night:wutong:MZ-001"} <= looks(act)
    assert found(act) == ["MZ-005"]


def test_broken_off_before_its_mark_is_done_again_without_doubles(
    workshop: Workshop, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = nightly.do_night

    def dies(reading: Any, writing: Any, item: Any) -> Any:
        if item.code != "MZ-005":
            return real(reading, writing, item)
        writes = 0

        @contextmanager
        def only_once() -> Iterator[Any]:
            nonlocal writes
            writes += 1
            if writes > 1:
                raise SystemExit
            with writing() as ctx:
                yield ctx

        return real(reading, only_once, item)

    monkeypatch.setattr(nightly, "do_night", dies)
    with pytest.raises(SystemExit):
        nightly.work_at_night(workshop)
    assert found(act) == ["MZ-005"]
    assert "night:wutong:MZ-005" not in looks(act)
    monkeypatch.setattr(nightly, "do_night", real)
    nightly.work_at_night(workshop)
    assert found(act) == ["MZ-005"]
    assert "night" in looks(act)
