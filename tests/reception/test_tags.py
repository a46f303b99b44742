"""Every value on every form and every case page says where it comes from and of which day it is."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from admitted import open_lines
from conftest import Act
from lxml import html
from screens import World, open_world
from sitting import fitting_value, id_number
from sqlmodel import select

from workbench.cases.calendar import seed_calendar
from workbench.cases.models import CaseRow, DraftRow
from workbench.cases.season import days_to_season
from workbench.catalogue.form import FormField, form_of
from workbench.catalogue.items import Item
from workbench.catalogue.loaded import catalogue
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.household_events import open_household
from workbench.people.household_record import Deed
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.reception.accept import accept
from workbench.reception.draft import begin
from workbench.reception.materials import mark
from workbench.reception.prefill import own_key
from workbench.settings import Settings
from workbench.store.engine import Store

DAY = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture
def world(settings: Settings, store: Store, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "desk")
    with act() as ctx:
        seed_calendar(ctx.session)
    with act("hubadmin1") as ctx:
        open_lines(ctx, opened.installed.ready_lines)
    yield opened
    opened.app.extensions["workbench"].store.close()


def described(world: World, act: Act) -> list[Item]:
    """Give every item that is described in full and every tenth of the others, if it may be applied for today."""
    with act() as ctx:
        items = catalogue(world.installed).items
        today = ctx.clock.today()
    wide = [one for one in items if one.manifest.depth != "deep"]
    chosen = [one for one in items if one.manifest.depth == "deep"] + wide[::10]
    return [one for one in chosen if not days_to_season(one.manifest.windows, today)]


def known(field: FormField) -> Any:
    return "测试人" if field.key == "name" else fitting_value(field)


def make_known(act: Act, items: list[Item]) -> str:
    """Put somebody on file of whom everything is known that any of these forms asks, a spouse in the same household."""
    with act() as ctx:
        person = register_person(
            ctx, PersonInput(name="测试人", id_no=id_number("99010019600101901"), phone="19999900001")
        )
        spouse = register_person(
            ctx, PersonInput(name="测试偶", id_no=id_number("99010019620101902"), phone="19999900002")
        )
        open_household(ctx, person.id, "梧桐路1号", {spouse.id: "12"}, Deed())
        fields = {
            field.fact or own_key(item.code, key): field
            for item in items
            for key, field in form_of(item.manifest).fields.items()
        }
        own = ("person.name", "person.id_no", "person.phone", "person.sex", "person.birth_date", "person.id_type")
        said = [
            FactInput(key, known(field), "department", "民政局", ctx.clock.today() - timedelta(days=9))
            for key, field in fields.items()
            if key not in own and field.type not in ("signature", "image", "derived")
        ]
        record_facts(ctx, person.id, said)
        return person.id


def by_class(root: Any, name: str) -> list[Any]:
    found: list[Any] = root.xpath(f".//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]")
    return found


def untagged(page: str) -> set[str]:
    """Name the fields of a form that hold a value and do not say its source and day."""
    (intake,) = html.fromstring(page).xpath("//form[@id='intake']")
    found = set()
    for field in by_class(intake, "field"):
        filled = [one for one in field.xpath(".//input | .//select | .//textarea") if holds(one)]
        chips = [chip.text_content() for chip in by_class(field, "chip")]
        if filled and not any(DAY.search(chip) and len(chip.split()) > 2 for chip in chips):
            found.add(filled[0].get("name"))
    return {name for name in found if not name.startswith("_")}


def holds(control: Any) -> bool:
    if control.get("type") in ("hidden", "file", "submit") or (control.get("name") or "").endswith("__reason"):
        return False
    if control.get("type") in ("radio", "checkbox"):
        return control.get("checked") is not None
    if control.tag == "select":
        return any(option.get("selected") is not None and option.get("value") for option in control.iter("option"))
    return bool(control.get("value") or (control.tag == "textarea" and (control.text or "").strip()))


def test_every_value_of_every_form_and_every_case_page_says_source_and_day(world: World, act: Act) -> None:
    items = described(world, act)
    assert len(items) > 75
    person_id, client = make_known(act, items), world.sign_in("worker1")
    wrong: dict[str, Any] = {}
    for item in items:
        with act() as ctx:
            case_id = begin(ctx, item, ctx.session.get_one(PersonRow, person_id)).id
        page = client.get(f"/h/wutong/cases/{case_id}/form").text
        assert page.count('class="chip') > 2, item.code
        if missing := untagged(page):
            wrong[f"form of {item.code}"] = missing
        with act() as ctx:
            case, draft = ctx.session.get_one(CaseRow, case_id), ctx.session.get_one(DraftRow, case_id)
            fill(draft, item)
            for material in item.manifest.materials:
                mark(ctx, case, item.manifest, material.key, "sighted")
            accept(ctx, catalogue(world.installed), world.installed, {case_id: draft.accept_key})
        answers = html.fromstring(client.get(f"/h/wutong/cases/{case_id}").text).xpath(
            "//section[starts-with(@id, 'group-')]"
        )
        rows = [row for group in answers for row in by_class(group, "summary__row")]
        assert rows, item.code
        silent = [row.text_content().split()[0] for row in rows if not says(row)]
        if silent:
            wrong[f"case of {item.code}"] = silent
    assert wrong == {}
    with act() as ctx:
        assert len(ctx.session.exec(select(CaseRow)).all()) == len(items)


def says(row: Any) -> bool:
    source = by_class(row, "summary__source")
    return bool(source and DAY.search(source[0].text_content()))


def fill(draft: DraftRow, item: Item) -> None:
    """Answer what is still open at the table, signatures with it, each with its origin as `save` writes it."""
    form, values, origins = form_of(item.manifest), dict(draft.values or {}), dict(draft.origins or {})
    for key, field in form.fields.items():
        if field.type in ("derived", "image"):
            continue
        value = values.get(key)
        if field.type == "table" and value:
            value = [
                {column.key: row.get(column.key) or fitting_value(column) for column in field.columns}
                | {k: v for k, v in row.items() if v}
                for row in value
            ]
        value = value if value not in (None, "", []) else fitting_value(field)
        if value != values.get(key) and key not in origins:
            origins[key] = {"rank": "word", "source": "本人", "as_of": "2026-11-26", "held": None, "typed": True}
        values[key] = value
    draft.values, draft.origins = values, origins
