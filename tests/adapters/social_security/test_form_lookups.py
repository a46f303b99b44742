"""What a form lacks, asked of the real card registry over the wire: in time, never over what was typed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import Act
from screens import World, text_of, world_with_days
from sitting import id_number
from sittings import Table, open_lines_and_mother
from sqlmodel import select
from waiting import PATIENCE

from workbench.delivery.models import PlatformRow
from workbench.identity.models import AuditRow
from workbench.people.check import PersonInput
from workbench.people.models import FactRow
from workbench.people.register import register_person
from workbench.reception import lookup
from workbench.settings import Settings
from workbench.store.clock import Clock
from workbench.store.engine import Store

PLATFORM = "social_security.card_registry"
ROOMS = ("people", "catalogue", "delivery", "cases", "reception", "desk")
ACCOUNT = "me.bank.account_no"


@pytest.fixture
def world(settings: Settings, store: Store, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with world_with_days(act, settings, store, monkeypatch, *ROOMS) as opened:
        yield opened


@pytest.fixture
def registry(
    start_department: Callable[..., Any], settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """The registry; it may take as long as it likes, unless a test is about that."""
    platform = world.installed.platform(PLATFORM)
    assert platform and platform.manifest
    monkeypatch.setitem(platform.manifest.limits.__dict__, "lookup_seconds", PATIENCE)
    monkeypatch.setattr(lookup, "BUDGET", PATIENCE)
    return start_department(PLATFORM, settings.departments / PLATFORM)


@pytest.fixture
def table(world: World, act: Act) -> Table:
    """A mother whom the registry knows, with a form that asks for her account and does not have it."""
    open_lines_and_mother(world, act)
    with act() as ctx:
        mother = register_person(ctx, PersonInput(name="测试持卡人", id_no=known_number())).id
    opened = Table(world, act, world.sign_in("worker1"), mother)
    opened.open_together({"WJ-004": "me", "MZ-003": "me"})
    return opened


def known_number(known: bool = True) -> str:
    from adapters.social_security.card_registry.sandbox import card_of

    numbers = (id_number(f"990100199001{day:02d}{n:03d}") for day in range(1, 29) for n in range(2, 100, 2))
    return next(number for number in numbers if bool(card_of(number)[1]) is known)


def ask(table: Table) -> str:
    answer = table.client.post(f"{table.url}/lookups", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.text)


def account(table: Table) -> tuple[Any, dict[str, Any]]:
    with table.act() as ctx:
        use = table.questions(ctx)[ACCOUNT].best()
        return use.value, dict(use.origin)


def test_page_itself_asks_nobody_and_shows_the_box(table: Table, registry: Any) -> None:
    page = table.client.get(f"{table.url}/form").text
    assert f'hx-post="{table.url}/lookups"' in page
    with table.act() as ctx:
        assert not list(ctx.session.exec(select(AuditRow).where(AuditRow.action == "lookup")))


def test_what_is_lacking_is_filled_with_source_day_and_purpose(table: Table, registry: Any, act: Act) -> None:
    box = ask(table)
    value, origin = account(table)
    assert (origin["rank"], origin["source"], origin["held"]) == ("department", "社会保障卡持卡库", value)
    assert f'data-arrived="{ACCOUNT}"' in box
    assert "社会保障卡持卡库" in table.client.get(f"{table.url}/form").text
    with act() as ctx:
        fact = ctx.session.exec(select(FactRow).where(FactRow.key == "bank.account_no")).one()
        assert fact.as_of is not None
        assert "独生子女" in fact.purpose
        assert "临时救助" in fact.purpose
        assert len(list(ctx.session.exec(select(AuditRow).where(AuditRow.action == "lookup")))) == 1


def test_one_call_for_all_forms_and_nothing_recorded_twice(table: Table, registry: Any, act: Act) -> None:
    ask(table)
    ask(table)
    with act() as ctx:
        assert len(list(ctx.session.exec(select(FactRow).where(FactRow.key == "bank.account_no")))) == 1


def test_late_answer_never_overwrites_what_was_typed(table: Table, registry: Any) -> None:
    table.client.post(f"{table.url}/form/save", data={ACCOUNT: "6200000000000000000"})
    box = ask(table)
    value, origin = account(table)
    assert value == "6200000000000000000"
    assert [other["source"] for other in origin["conflicts"]] == ["社会保障卡持卡库"]
    assert f'data-arrived="{ACCOUNT}"' not in box
    assert "与已填写的不同" in box


def test_empty_control_of_an_older_page_does_not_wipe_out_the_answer(table: Table, registry: Any) -> None:
    shown_at = (Clock().now() - timedelta(seconds=5)).isoformat()
    ask(table)
    table.client.post(f"{table.url}/form/save", data={ACCOUNT: "", "_shown_at": shown_at})
    assert account(table)[0]
    table.client.post(f"{table.url}/form/save", data={ACCOUNT: "", "_shown_at": Clock().now().isoformat()})
    assert account(table)[0] is None


def test_registry_that_was_killed_is_named_and_hinders_nobody(table: Table, registry: Any) -> None:
    registry.kill()
    box = text_of(ask(table))
    assert "未及时答复" in box
    assert "照常受理" in box
    assert account(table)[0] in (None, "")
    assert table.fill().status_code == 303


def test_registry_known_to_be_down_is_not_asked_and_says_since_when(table: Table, registry: Any, act: Act) -> None:
    with act() as ctx:
        row = PlatformRow(platform_id=PLATFORM, health="down", since=ctx.clock.now() - timedelta(hours=1))
        ctx.session.add(row)
    box = text_of(ask(table))
    assert "连不上" in box
    assert "起。" in box


def test_registry_that_hangs_is_left_behind(table: Table, registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "BUDGET", 0.5)
    registry.set_faults(slow_ms=6000)
    assert "未及时答复" in text_of(ask(table))


def test_form_of_one_matter_gets_the_names_of_its_own_controls(table: Table, registry: Any) -> None:
    with table.act() as ctx:
        case_id = next(part.case.id for part in table.read(ctx).parts if part.case.item_code == "WJ-004")
    answer = table.client.post(f"{table.url}/lookups?case={case_id}", headers={"HX-Request": "true"})
    assert 'data-arrived="account_no"' in answer.text
    assert f'hx-post="{table.url}/lookups?case={case_id}"' in table.client.get(f"/h/wutong/cases/{case_id}/form").text


def test_sitting_of_another_worker_is_not_asked_about(table: Table, world: World) -> None:
    assert world.sign_in("worker2").post(f"{table.url}/lookups").status_code == 404
