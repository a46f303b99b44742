"""Correcting an item on the screen: one drafts, another publishes; offered at once, taken back, old cases kept."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from at_once import behind
from screens import World, text_of, world_at_line
from sqlmodel import select
from waiting import PATIENCE

from workbench.cases.models import CaseRow
from workbench.catalogue.correct import discard_correction, publish_correction
from workbench.catalogue.freeze import frozen_item
from workbench.catalogue.loaded import catalogue
from workbench.catalogue.models import ItemEditionRow
from workbench.store.context import Context

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/admin/items/MZ-015"


@pytest.fixture
def world(settings, store, monkeypatch, act: Act) -> Iterator[World]:
    rooms = ("people", "catalogue", "reception", "cases", "delivery", "admin")
    with world_at_line("civil_affairs", act, settings, store, monkeypatch, *rooms) as world:
        yield world


def draft_of(act: Act) -> ItemEditionRow:
    with act() as ctx:
        row = ctx.session.exec(select(ItemEditionRow).order_by(ItemEditionRow.number.desc())).first()
        ctx.session.expunge_all()
        return row


def typed(version: int, **changed: str) -> dict[str, str]:
    """What the form sends of the item as it is, with changes."""
    form = {"title_zh": "老年人优待证(换)发", "title_en": "Senior citizen card (issue and exchange)",
            "promised_days": "0", "days_unit": "workday", "valid_from": "2026-11-01", "reason": "市民政局 2026 年通知",
            "version": str(version), "materials-rows": "1", "materials-0-name": "居民身份证(或户口簿)",
            "materials-0-name_en": "Resident identity card (or hukou book)", "materials-0-form": "original",
            "materials-0-originals": "1", "materials-0-copies": "0", "materials-0-required": "true"}  # fmt: skip
    return form | changed


def begin(world: World, act: Act, **changed: str) -> ItemEditionRow:
    client = world.sign_in("hubadmin1", "en")
    client.post(f"{PAGE}/correct")
    answer = client.post(f"{PAGE}/draft", data=typed(draft_of(act).version, _done="1", **changed))
    assert answer.status_code == 303, text_of(answer.text)
    return draft_of(act)


def publish(world: World, act: Act, who: str = "sysadmin") -> str:
    draft = draft_of(act)
    client = world.sign_in(who, "en")
    return text_of(client.post(f"{PAGE}/publish", data={"version": draft.version}, follow_redirects=True).text)


def test_whoever_made_the_draft_cannot_publish_it(world, act) -> None:
    begin(world, act)
    assert "Somebody else has to publish it" in publish(world, act, "hubadmin1")
    assert draft_of(act).state == "draft"


def test_published_correction_is_offered_and_an_accepted_case_keeps_its_version(world, act) -> None:
    with act("worker1") as ctx:
        before = world.make_case(ctx, "MZ-015").id
    begin(world, act)
    assert "The correction is published." in publish(world, act)
    guide = text_of(world.sign_in("worker1", "en").get("/h/wutong/items/MZ-015").text)
    assert "Recent one-inch photo" not in guide and "Version 2026.1+1" in guide
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, before)
        kept = frozen_item(ctx.session, catalogue(world.app.extensions["workbench"].installed), case.item_digest)
        now = catalogue(world.app.extensions["workbench"].installed).find("MZ-015", ctx.hub.division, ctx.clock.today())
        assert kept is not None and now is not None
        assert [m.key for m in kept.materials] == ["id_card", "photo"]
        assert [(m.key, m.waived_by_fact) for m in now.manifest.materials] == [("id_card", "document.id_card")]


def test_correction_of_one_place_is_not_in_force_at_another(world, act) -> None:
    begin(world, act)
    publish(world, act)
    with act("worker21") as ctx:
        found = catalogue(world.app.extensions["workbench"].installed).find(
            "MZ-015", ctx.hub.division, ctx.clock.today()
        )
        assert found is not None and found.manifest.version == "2026.1"


def test_taken_back_correction_gives_way_to_the_version_before(world, act) -> None:
    begin(world, act)
    publish(world, act)
    row = draft_of(act)
    client = world.sign_in("hubadmin1", "en")
    client.post(f"{PAGE}/take-back", data={"edition": row.id, "version": row.version})
    assert "Recent one-inch photo" in world.sign_in("worker1", "en").get("/h/wutong/items/MZ-015").text
    assert catalogue(world.app.extensions["workbench"].installed).by_digest[row.digest].manifest.version == "2026.1+1"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rules": "age >= "}, "Conditions to be checked"),
        ({"title_en": ""}, "Title (English)"),
        ({"promised_days": "many"}, "Enter digits only"),
        ({"valid_from": "tomorrow"}, "Write the date"),
        ({"reason": ""}, "State the reason"),
    ],
)
def test_what_is_wrong_is_told_and_stays_as_typed(world, act, changed: dict[str, str], words: str) -> None:
    client = world.sign_in("hubadmin1", "en")
    client.post(f"{PAGE}/correct")
    form = typed(draft_of(act).version, fee="五元", **changed)
    answer = client.post(f"{PAGE}/draft", data=form | {"_done": "1"})
    assert answer.status_code == 422
    assert words in text_of(answer.text) and "五元" in answer.text


def test_two_at_one_draft_do_not_overwrite_each_other(world, act) -> None:
    draft = begin(world, act)
    world.sign_in("sysadmin", "en").post(f"{PAGE}/draft", data=typed(draft.version, fee="一元"))
    late = world.sign_in("hubadmin1", "en").post(f"{PAGE}/draft", data=typed(draft.version, fee="二元"))
    assert late.status_code == 422 and "Somebody else changed this correction" in late.text and "二元" in late.text
    assert draft_of(act).content["fee"] == "一元"


def test_draft_shows_what_it_changes(world, act) -> None:
    begin(world, act, promised_days="3")
    page = text_of(world.sign_in("sysadmin", "en").get(PAGE).text)
    assert "Promised days 0 3" in page and "Publish" in page


def test_worker_corrects_nothing(world, act) -> None:
    assert world.sign_in("worker1").get(PAGE).status_code == 403
    assert world.sign_in("worker1").post(f"{PAGE}/correct").status_code == 403


def test_of_two_who_publish_at_once_one_does_and_the_other_is_told(world, act, store) -> None:
    draft = begin(world, act)

    def second() -> None:
        with act("sysadmin") as ctx:
            seen = ctx.session.get_one(ItemEditionRow, draft.id)
            discard_correction(ctx, seen, seen_version=draft.version)

    with act("sysadmin") as ctx:
        publish_correction(ctx, ctx.session.get_one(ItemEditionRow, draft.id), seen_version=draft.version)
        (under_way,) = behind(store, second)
    assert "moved" in str(under_way.exception(PATIENCE))
    assert draft_of(act).state == "published"
