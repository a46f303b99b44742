"""The benchmark measures what it says: right answers, nothing lost or doubled, and a twin that shows the same facts."""

import json
import logging
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.assigned.models import AssignedTaskRow
from workbench.bench.compare import prepare
from workbench.bench.counting import made, steps_of
from workbench.bench.figures import geometric_mean, tail
from workbench.bench.main import run
from workbench.bench.mix import WEIGHTS, Visitor, shuffled_steps
from workbench.bench.sittings import Sitting, open_forms
from workbench.bench.world import World, make_world
from workbench.catalogue.answers import answer_all
from workbench.catalogue.form import form_of
from workbench.catalogue.life_events import load_life_events
from workbench.demo.places import CLOSED
from workbench.host.discover import discover
from workbench.reception.read_form import find_unreadable
from workbench.settings import Settings
from workbench.store.ids import new_id

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("bench") / "instance", residents=600)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def visitor(world: World) -> Visitor:
    return prepare(world, cases=60)[-1]


@pytest.fixture(scope="module")
def pages(world: World, visitor: Visitor) -> dict[str, dict[str, str]]:
    """The text of each page of both programs."""
    logging.getLogger("workbench").setLevel(logging.WARNING)
    with world.store.write() as session:
        session.add(late_task(visitor.desk.hub.id))
    (ready,) = open_forms(world, [visitor.desk], 1, is_complete=True)
    return {target: texts(world, visitor, ready, target) for target in ("twin", "product")}


def late_task(hub_id: str) -> AssignedTaskRow:
    """A task of a department that should have been done long ago."""
    told = {"kind": "review", "title": "年度复核", "state": "open", "due_on": LONG_AGO.date(), "received_at": LONG_AGO}
    place = {"platform_id": "civil_affairs.case_gateway", "line_id": "civil_affairs", "reference": "T1"}
    return AssignedTaskRow(id=new_id(), hub_id=hub_id, their_hub="", **place, **told)


def texts(world: World, visitor: Visitor, ready: Sitting, target: str) -> dict[str, str]:
    with made(target, world) as app:
        asks = steps_of(app.test_client(), world, visitor, ready)
        return {step: asks[step]().get_data(as_text=True) for step in ("find", "form", "queue", "guide", "case")}


def facts_of(world: World, visitor: Visitor) -> dict[str, list[str]]:
    """What both pages must say."""
    person, case, form = visitor.people[0], visitor.cases[0], visitor.forms[0]
    items = {code: world.catalogue.by_code[code][0].manifest for code in (case.item_code, form.item_code)}
    labels = [field.label_zh for field in form_of(items[form.item_code]).fields.values() if field.required]
    return {
        "find": [person.name],
        "form": [items[form.item_code].title_zh, *labels[:6], *[m.name for m in items[form.item_code].materials[:1]]],
        "queue": [items[case.item_code].title_zh, "部门交办1项", "其中1项已逾期"],
        "guide": [
            person.name,
            *(line.name_zh for line in discover().ready_lines if line.id != CLOSED[1]),
            *(event.title_zh for event in load_life_events()),
        ],
        "case": [items[case.item_code].title_zh, *(step.name for step in items[case.item_code].steps)],
    }


@pytest.mark.parametrize("step", ["find", "form", "queue", "guide", "case"])
def test_twin_says_what_the_product_says(world: World, visitor: Visitor, pages, step: str) -> None:
    wanted = facts_of(world, visitor)[step]
    for target in ("twin", "product"):
        text = TAGS.sub(" ", pages[target][step])
        assert [fact for fact in wanted if fact not in text] == []


def test_twin_masks_numbers_as_the_product_does(visitor: Visitor, pages) -> None:
    person = visitor.people[0]
    for target in ("twin", "product"):
        assert person.id_no not in pages[target]["find"]
        assert person.phone not in pages[target]["find"]


def test_mix_has_exactly_its_weights() -> None:
    steps = shuffled_steps(200, seed=1)
    assert {step: steps.count(step) for step in WEIGHTS} == {step: 2 * weight for step, weight in WEIGHTS.items()}


def test_every_answer_can_be_read(world: World) -> None:
    for item in world.catalogue.items:
        form = form_of(item.manifest)
        assert find_unreadable(answer_all(form, {}), form.fields) == {}


def test_figures_are_the_usual_ones() -> None:
    assert geometric_mean([0.5, 2.0]) == pytest.approx(1.0)
    assert tail([3.0, 1.0, 2.0], 0.5) == 2.0
    assert tail([], 0.5) == 0.0


@pytest.mark.only_sqlite  # what it measures is an installation of its own, on SQLite
def test_small_run_loses_and_doubles_nothing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    before = sorted(settings.instance.rglob("*"))
    with ThreadPoolExecutor(1) as own:  # a thread of its own: a browser of another test may hold a loop in this one
        sizes = {"residents": 300, "cases": 30, "rounds": 1, "requests": 100, "outage": 0.0}
        assert own.submit(run, settings, json_path=file, **sizes).result() == 0
    result = json.loads(file.read_text())
    assert (result["deliveries"]["lost"], result["deliveries"]["doubled"]) == (0, 0)
    assert result["wrong"] == []
    assert set(result["steps"]) == set(WEIGHTS)
    assert result["score"] > 0
    assert sorted(settings.instance.rglob("*")) == before


def test_counting_instructions_without_valgrind_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert run(settings, residents=300, cases=30, instructions=True) == 2
    assert "install the package valgrind" in capsys.readouterr().out
