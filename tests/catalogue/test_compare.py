"""Two contents of an item side by side: marked by more than colour, rows matched by key, drafts for admins only."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from screens import World, open_world, text_of

from workbench.api.manifest import (
    Automatic,
    Consequence,
    ItemField,
    ItemMaterial,
    ItemStep,
    MonthlyBatch,
    Recheck,
    Source,
    StepDelivery,
    Window,
)
from workbench.catalogue.compare import compare
from workbench.catalogue.correct import open_correction, publish_correction, save_correction
from workbench.catalogue.item_words import row_words
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.hubs.open_lines import open_line
from workbench.store.context import Context

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/items/MZ-015/compare"


@pytest.fixture
def world(settings, store, monkeypatch, act: Act) -> Iterator[World]:
    rooms = ("people", "catalogue", "reception", "documents", "cases", "quality", "delivery", "desk", "admin")
    world = open_world(settings, store, monkeypatch, *rooms)
    with act("hubadmin1") as ctx:
        open_line(ctx, world.installed, "civil_affairs")
    yield world
    world.app.extensions["workbench"].store.close()


def correct(world: World, act: Act, *, publish: bool = False, **changes: object) -> None:
    with act("hubadmin1") as ctx:
        item = catalogue(world.installed).find("MZ-015", ctx.hub.division, ctx.clock.today())
        draft = open_correction(ctx, item, ctx.hub.division)
        save_correction(ctx, draft, changes, reason="通知", seen_version=draft.version)
    if publish:
        with act("sysadmin") as ctx:
            draft = open_correction(ctx, item, "990100001001")
            publish_correction(ctx, draft, seen_version=draft.version)


def test_same_content_differs_nowhere() -> None:
    for item in catalogue(discover()).items:
        assert {row.standing for row in compare(item.manifest, item.manifest)} == {"same"}


def test_material_put_in_before_others_is_the_only_one_that_differs() -> None:
    (item,) = [one for one in catalogue(discover()).items if one.code == "MZ-015"]
    first = item.manifest.materials[0]
    more = first.model_copy(update={"key": "added_1", "name": "新材料", "name_en": "New paper"})
    right = item.manifest.model_copy(update={"materials": (more, *item.manifest.materials), "promised_days": 3})
    differing = {row.name: row.standing for row in compare(item.manifest, right) if row.standing != "same"}
    assert list(differing.values()) == ["right", "changed"] and len(differing) == 2
    gone = item.manifest.model_copy(update={"materials": item.manifest.materials[1:]})
    assert [row.standing for row in compare(item.manifest, gone) if row.standing != "same"] == ["left"]


def test_what_changed_inside_a_text_is_marked_and_no_more() -> None:
    (item,) = [one for one in catalogue(discover()).items if one.code == "MZ-001"]
    words = item.manifest.applicant_conditions
    right = item.manifest.model_copy(update={"applicant_conditions": words.replace("低于", "不高于")})
    (row,) = [row for row in compare(item.manifest, right) if row.standing != "same"]
    assert "".join(piece.text for piece in row.left) == words
    assert "".join(piece.text for piece in row.right if piece.is_other) in ("不高", "不高于")


def test_draft_is_compared_by_admins_only(world: World, act: Act) -> None:
    correct(world, act, promised_days=7)
    admin = text_of(world.sign_in("hubadmin1", "en").get(f"{PAGE}?left=now&right=draft").text)
    assert "Promised days Changed 0 7" in admin and "parts differ" in admin
    worker = text_of(world.sign_in("worker1", "en").get(f"{PAGE}?left=now&right=draft").text)
    assert "Draft:" not in worker and "Both sides say the same" in worker


def test_case_shows_what_changed_since_it_was_accepted(world: World, act: Act) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx, "MZ-015").id
    client = world.sign_in("worker1", "en")
    assert "has changed since" not in client.get(f"/h/wutong/cases/{case}").text
    correct(world, act, publish=True, promised_days=7)
    page = client.get(f"/h/wutong/cases/{case}").text
    assert "The item has changed since this case was accepted" in page
    url = page.partition('href="/h/wutong/items/MZ-015/compare')[2].partition('"')[0].replace("&amp;", "&")
    shown = client.get(f"{PAGE}{url}").text
    assert "Promised days Changed 0 7" in text_of(shown) and "<del>0</del>" in shown and "<ins>7</ins>" in shown


def test_unknown_item_is_not_compared(world: World) -> None:
    assert world.sign_in("worker1").get("/h/wutong/items/QQ-001/compare").status_code == 404


def test_every_part_of_every_row_has_its_words() -> None:
    models = (
        ItemMaterial,
        ItemField,
        ItemStep,
        StepDelivery,
        Source,
        Window,
        MonthlyBatch,
        Recheck,
        Automatic,
        Consequence,
    )
    assert {name for model in models for name in model.model_fields} == set(row_words())
