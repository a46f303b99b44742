"""Pages of lines: only where open, only for those who may, and a fault is one box."""

import pytest
from flask import Blueprint
from sqlmodel import select

from workbench.api import pages as surface
from workbench.hubs.open_lines import close_line
from workbench.identity.models import AuditRow

LINES = ("civil_affairs", "social_security", "family_planning", "disability_federation")


@pytest.fixture
def person(act, register) -> str:
    with act() as ctx:
        return register(ctx, dibao__active=True, disability__card_no="99010019400301901X42", disability__level="1")


@pytest.mark.parametrize("line", LINES)
def test_panel_is_a_box_for_htmx_and_a_page_without(world, person, line) -> None:
    client, url = world.sign_in("worker1", "en"), f"/h/wutong/{line}/panel/{person}"
    box = client.get(url, headers={"HX-Request": "true"})
    assert (box.status_code, box.text.count("<section"), "<html" in box.text) == (200, 1, False)
    page = client.get(url)
    assert (page.status_code, "<html" in page.text) == (200, True)


@pytest.mark.parametrize("line", LINES)
def test_panel_speaks_chinese_with_the_lines_own_words(world, person, line) -> None:
    box = world.sign_in("worker1").get(f"/h/wutong/{line}/panel/{person}", headers={"HX-Request": "true"}).text
    title = box.partition("<h2")[2].partition(">")[2].partition("<")[0]
    assert title in ("救助与津贴", "就业与养老", "卫生与生育", "残疾人证")
    assert "Not known" not in box


def test_panel_warns_when_number_and_level_differ(world, person) -> None:
    box = world.sign_in("worker1", "en").get(f"/h/wutong/disability_federation/panel/{person}").text
    assert "The number and what is on file differ." in box


@pytest.mark.parametrize("line", LINES)
def test_closed_line_answers_404(world, act, person, line) -> None:
    with act("hubadmin1") as ctx:
        close_line(ctx, line)
    assert world.sign_in("worker1").get(f"/h/wutong/{line}/panel/{person}").status_code == 404


def test_line_not_open_at_the_other_hub_answers_404(world, person) -> None:
    assert world.sign_in("worker21").get(f"/h/yinxing/civil_affairs/panel/{person}").status_code == 404


def test_panel_needs_the_right_to_see(world, person) -> None:
    assert world.sign_in("hubadmin1").get(f"/h/wutong/civil_affairs/panel/{person}").status_code == 403


def test_line_that_looks_at_a_person_is_written_down(world, act, person) -> None:
    world.sign_in("worker1").get(f"/h/wutong/civil_affairs/panel/{person}")
    with act() as ctx:
        row = ctx.session.exec(select(AuditRow).where(AuditRow.action == "line.look")).one()
        assert (row.person_id, row.subject) == (person, "line:civil_affairs")


def test_person_of_another_hub_is_not_shown_to_a_line(world, act, register) -> None:
    with act("worker21") as ctx:
        other = register(ctx, "外站居民", 906)
    assert world.sign_in("worker1").get(f"/h/wutong/civil_affairs/panel/{other}").status_code == 404


def test_fault_of_a_line_is_one_box(world, person, monkeypatch) -> None:
    monkeypatch.setattr("plugins.civil_affairs.panel.band_on", lambda born, day: 1 / 0)
    client, url = world.sign_in("worker1", "en"), f"/h/wutong/civil_affairs/panel/{person}"
    box = client.get(url, headers={"HX-Request": "true"})
    assert (box.status_code, "This line did not answer." in box.text) == (200, True)
    assert client.get(url).status_code == 500


def test_surface_without_a_workbench_says_so(monkeypatch) -> None:
    monkeypatch.setattr(surface, "_frame", None)
    with pytest.raises(surface.NotComposed):
        surface.today()


def test_permit_leaves_the_verb_on_the_view() -> None:
    blueprint = Blueprint("sample", __name__)

    @blueprint.get("/")
    @surface.permit("see")
    def sample(hub: str) -> str:
        return hub

    assert sample.permission == "see"
