"""Items over the interface: those of the hub's open lines, whole enough to fill a form without ours."""

import pytest
from conftest import Act

from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.hubs.open_lines import close_line


def test_items_are_listed_page_by_page(machine) -> None:
    codes, after = [], ""
    while after is not None:
        page = machine.get(f"/items?limit=20&after={after}").json
        codes += [item["code"] for item in page["items"]]
        after = page["next"]

    assert len(codes) == len(set(codes)) > 50
    assert codes == sorted(codes)


def test_items_are_found_as_a_worker_types(machine) -> None:
    found = machine.get("/items?q=育儿补贴").json["items"]

    assert found[0]["code"] == "WJ-010"
    assert {item["line"] for item in machine.get("/items?line=social_security").json["items"]} == {"social_security"}


def test_an_item_is_told_whole(machine, installed) -> None:
    manifest = catalogue(installed).by_code["WJ-010"][0].manifest
    told = machine.get("/items/WJ-010").json

    fields = {field["key"]: field for section in told["form"] for field in section["fields"]}
    assert fields.keys() == form_of(manifest).fields.keys()
    assert fields["birth_order"]["label"]["zh"]
    assert [one["key"] for one in told["materials"]] == [one.key for one in manifest.materials]
    assert [one["key"] for one in told["steps"]] == [one.key for one in manifest.steps]


def test_every_item_can_be_told(machine) -> None:
    for code in ("MZ-001", "RS-001", "WJ-001", "CL-001"):
        assert machine.get(f"/items/{code}").status_code == 200


def test_a_closed_line_offers_nothing(machine, act: Act) -> None:
    with act("hubadmin1") as ctx:
        close_line(ctx, "family_planning")

    assert machine.get("/items/WJ-010").json["code"] == "no_such_item"
    assert machine.get("/items?line=family_planning").json == {"items": [], "next": None}


@pytest.mark.parametrize("code", ["XX-000", "9" * 30, "x" * 500, "%00", "..%2f"])
def test_an_item_nobody_offers_is_not_found(machine, code: str) -> None:
    assert machine.get(f"/items/{code}").status_code == 404


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "after=x", "q=" + "x" * 51, "who=me", "line=%27"])
def test_items_are_asked_strictly(machine, query: str) -> None:
    answer = machine.get(f"/items?{query}")

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["problems"][0]["field"] == query.partition("=")[0]
