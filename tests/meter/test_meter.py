"""What was typed, filled and typed again is counted once, from what stands written; the page says it in a picture."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from screens import Count, World, open_world
from sqlmodel import select

from workbench.api.manifest import ItemManifest
from workbench.catalogue.form import Form, form_of
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryEventRow, DeliveryRow
from workbench.hubs.open_lines import open_line
from workbench.identity.audit import record
from workbench.identity.models import AuditRow
from workbench.meter.count import count_form, count_until
from workbench.meter.find import first_month
from workbench.meter.formula import Sums, constants
from workbench.meter.models import EntryMeterRow
from workbench.meter.picture import WIDTH, bars

FIELDS = ("name", "phone", "sex")


@pytest.fixture
def world(settings: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "meter", "desk")
    yield opened
    opened.app.extensions["workbench"].store.close()


def accept(world: World, act: Any, code: str = "MZ-010") -> str:
    with act("worker1") as ctx:
        open_line(ctx, world.installed, "civil_affairs")
        return world.make_case(ctx, code).id


def count(world: World, act: Any, days: int = 1) -> int:
    with act("worker1") as ctx:
        return count_until(ctx, catalogue(world.installed), ctx.clock.today() + timedelta(days=days))


def sums(act: Any) -> dict[str, tuple[int, int, int]]:
    with act("worker1") as ctx:
        return {row.item_code: (row.cases, row.fields, row.typed) for row in ctx.session.exec(select(EntryMeterRow))}


def form() -> Form:
    item = ItemManifest.model_validate(
        {
            "code": "MZ-999", "version": "1", "valid_from": date(2026, 1, 1), "title_zh": "试", "title_en": "t",
            "department": "d", "confidence": "typical", "steps": [{"key": "a", "name": "a", "name_en": "a",
            "actor": "a", "by": "worker"}], "fields": [
                {"key": key, "label": key, "type": "text", "own": "test"} for key in FIELDS
            ],
        }
    )  # fmt: skip
    return form_of(item)


def test_form_is_counted_by_where_its_values_come_from() -> None:
    content = {
        "values": {"name": "甲", "phone": "154", "sex": "", "gone": "x"},
        "origins": {"name": {"held": "甲"}, "phone": {"held": "155"}, "sex": {}},
    }
    case = SimpleNamespace(reception_id="r", item_code="MZ-999")
    answered: set[tuple[str, str, str]] = set()
    fields = form().fields
    assert count_form(fields, content, case, 2, answered) == Sums(cases=1, fields=2, by_hand=4, filled=1, typed=1)
    again = count_form(fields, content, case, 0, answered)
    assert again == Sums(cases=1, fields=2, by_hand=2, filled=2, typed=0), "answered once in this sitting"


def test_minutes_follow_the_formula_and_are_never_negative() -> None:
    assert Sums(by_hand=120, typed=12, retyped=8).minutes == round(100 * constants().seconds_per_field / 60)
    assert Sums(by_hand=1, typed=5).minutes == 0
    assert Sums(retyped=4, retyping_seconds=25).measured_seconds == 6.2


def test_days_are_counted_once(world: World, act: Any) -> None:
    accept(world, act)
    assert count(world, act) == 1
    assert count(world, act) == 0
    first = sums(act)
    assert first["MZ-010"][0] == 1
    assert first["MZ-010"][1] >= first["MZ-010"][2] > 0
    assert count(world, act, days=2) == 0
    assert sums(act) == first


def test_days_are_counted_after_the_clock_was_set_back(world: World, act: Any) -> None:
    assert count(world, act, days=400) == 0
    assert count(world, act, days=-1) == 0
    accept(world, act)
    assert count(world, act) == 1


def test_sheet_is_measured_from_the_first_look_to_the_number(world: World, act: Any) -> None:
    case_id = accept(world, act)
    with act("worker1") as ctx:
        delivery = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).first()
        sheet = b'[{"theirs": "1"}, {"value": "2"}, {"value": "", "theirs": ""}]'
        now = datetime.now(UTC).replace(microsecond=0)
        ctx.session.add(
            DeliveryEventRow(delivery_id=delivery.id, at=now, state="needs-people", reason="rekey", proof=sheet)
        )
        for action in ("delivery.sheet", "delivery.sheet", "delivery.rekeyed"):
            record(ctx, action, subject=f"delivery:{delivery.id}")
        trail = select(AuditRow).where(AuditRow.subject == f"delivery:{delivery.id}").order_by(AuditRow.id)
        rows = ctx.session.exec(trail).all()
        for row, seconds in zip(rows, (-90, -30, 0), strict=True):
            row.at = now + timedelta(seconds=seconds)
    count(world, act)
    with act("worker1") as ctx:
        row = ctx.session.exec(select(EntryMeterRow).where(EntryMeterRow.item_code == "MZ-010")).one()
        assert (row.sheets, row.retyped, row.retyping_seconds) == (1, 2, 90)


@pytest.mark.parametrize(("by_hand", "typed", "retyped"), [(1000, 90, 10), (0, 0, 0), (1, 5, 0), (100_000, 1, 1)])
def test_bars_stay_in_their_picture_and_nothing_counted_is_invisible(by_hand: int, typed: int, retyped: int) -> None:
    drawn = bars(Sums(by_hand=by_hand, typed=typed, retyped=retyped))
    assert all(bar.width >= 3 and bar.x + bar.width <= WIDTH + 3 for row in drawn for bar in row)
    assert [bar.count for row in drawn for bar in row] == [n for n in (by_hand, typed, retyped) if n]


def test_page_and_files_say_the_figures(world: World, act: Any) -> None:
    client = world.sign_in("worker1")
    assert "尚无统计" in client.get("/h/wutong/second-entry").text
    accept(world, act)
    count(world, act)
    client.get("/h/wutong/second-entry")
    with Count(world) as first:
        page = client.get("/h/wutong/second-entry").text
    assert "<svg" in page
    assert "style=" not in page.split("<main", 1)[1]
    accept(world, act, "MZ-001")
    count(world, act, days=2)
    client.get("/h/wutong/second-entry")  # a line was opened anew
    with Count(world) as second:
        client.get("/h/wutong/second-entry")
    assert len(first.statements) == len(second.statements)
    file = client.get("/h/wutong/second-entry/export.csv")
    assert file.data.startswith(b"\xef\xbb\xbf")
    assert "MZ-010" in file.text
    assert client.get("/h/wutong/second-entry/export.xlsx").data.startswith(b"PK")
    assert client.get("/h/wutong/second-entry/export.pdf").status_code == 404
    with act("worker1") as ctx:
        assert len(ctx.session.exec(select(AuditRow).where(AuditRow.action == "meter.export")).all()) == 2
    assert "MZ-010" not in world.sign_in("worker21").get("/h/yinxing/second-entry/export.csv").text


def test_twelve_months_are_shown() -> None:
    assert first_month(date(2026, 11, 26)) == "2025-12"
    assert first_month(date(2026, 12, 1)) == "2026-01"
