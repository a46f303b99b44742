"""Residents over the interface: registered once, found and seen at their hub only, never without a purpose."""

from typing import Any

import pytest
from sitting import id_number
from sqlmodel import select

from workbench.people.models import PersonRow
from workbench.store.engine import Store

NEW = {"name": "测试乙", "id_no": id_number("99010019850203402"), "phone": "19999900005", "birth_date": "1985-02-03"}


def test_register_search_and_look(machine, trail) -> None:
    made = machine.post("/persons", NEW)
    assert made.status_code == 201, made.json
    found = machine.post("/persons/search", {"text": "csy"})
    shown = machine.get(f"/persons/{made.json['id']}")

    assert [person["id"] for person in found.json["persons"]] == [made.json["id"]]
    assert (shown.json["name"], shown.json["birth_date"]) == ("测试乙", "1985-02-03")
    for answer in (found, shown):
        assert NEW["id_no"] not in answer.get_data(as_text=True)
        assert NEW["phone"] not in answer.get_data(as_text=True)
    acts = [*trail("person.register"), *trail("person.search"), *trail("person.look")]
    assert {row.person_id for row in acts} == {made.json["id"]}
    assert [row.purpose for row in acts] == ["registration", "窗口核对", "窗口核对"]


def test_a_second_file_is_refused_with_the_first_ones_id(machine, trail, store: Store) -> None:
    first = machine.post("/persons", NEW).json["id"]
    again = machine.post("/persons", NEW | {"name": "测试丙"})

    assert (again.status_code, again.json["code"], again.json["id"]) == (409, "already_registered", first)
    assert [row.person_id for row in trail("person.known")] == [first]
    with store.read() as session:
        assert len(session.exec(select(PersonRow)).all()) == 1


def test_everything_wrong_is_told_at_once(machine) -> None:
    answer = machine.post("/persons", NEW | {"name": "7", "phone": "1", "birth_date": "2999-01-01"})

    assert answer.status_code == 422
    assert {"name", "phone", "birth_date"} <= {one["field"] for one in answer.json["problems"]}
    assert all(one["detail"] for one in answer.json["problems"])


def test_nothing_is_said_as_of_a_day_to_come(machine) -> None:
    """It would count above everything that is said until then."""
    answer = machine.post("/persons", NEW | {"as_of": "9999-12-31"})

    assert (answer.status_code, answer.json["field"]) == (422, "as_of")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"extra": 1}, "extra"),
        ({"name": 7}, "name"),
        ({"name": None}, "name"),
        ({"name": "甲" * 101}, "name"),
        ({"name": "甲" * 900_000}, ""),
        ({"sex": 1}, "sex"),
        ({"birth_date": 19850203}, "birth_date"),
        ({"birth_date": "1985-02-30"}, "birth_date"),
        ({"rank": "department"}, "rank"),
        ({"source": ""}, "source"),
        ({"grid_id": "1" * 17}, "grid_id"),
    ],
)
def test_a_person_is_read_strictly(machine, changed: dict[str, Any], field: str) -> None:
    answer = machine.post("/persons", NEW | changed)

    assert answer.status_code == (422 if field else 413)
    assert not field or [one["field"] for one in answer.json["problems"]] == [field]


def test_control_characters_are_refused(machine) -> None:
    for text in ("测\x00试", "测\x1b试"):
        assert machine.post("/persons", NEW | {"no_id_reason": text}).json["code"] == "control_characters"
        assert machine.post("/persons/search", {"text": text}).status_code == 422
    assert machine.get("/items?q=%00").status_code == 422
    assert machine.get("/items/%00").status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"name": "\\ud800"}', b"NaN", b"[" * 100_000, b'{"a":1e999}']
)
def test_a_body_that_is_no_json_is_refused(machine, body: bytes) -> None:
    answer = machine.post("/persons", data=body, content_type="application/json")

    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"99999999999999999999999"])
def test_a_body_that_is_no_object_is_refused(machine, body: bytes) -> None:
    assert machine.post("/persons", data=body, content_type="application/json").status_code == 422


def test_a_form_is_no_json(machine) -> None:
    assert machine.post("/persons", data={"name": "测试乙"}).status_code == 415


def test_a_purpose_is_needed_to_look(machine, person_id: str, trail) -> None:
    del machine.headers["X-Purpose"]

    for answer in (
        machine.get(f"/persons/{person_id}"),
        machine.post("/persons/search", {"text": "测试甲"}),
        machine.get("/cases"),
    ):
        assert (answer.status_code, answer.json["code"]) == (400, "purpose_missing")
    assert trail("person.look") == []


@pytest.mark.parametrize("purpose", ["x", "y" * 201, "%0A%0A", "%FF%FF%FF", "%00%00"])
def test_a_purpose_that_says_nothing_is_refused(machine, person_id: str, purpose: str) -> None:
    answer = machine.get(f"/persons/{person_id}", {"X-Purpose": purpose})

    assert (answer.status_code, answer.json["code"]) == (400, "purpose_unfit")


def test_a_plain_utf8_purpose_is_understood(machine, person_id: str, trail) -> None:
    machine.get(f"/persons/{person_id}", {"X-Purpose": "居民来电".encode().decode("latin-1")})

    assert trail("person.look")[0].purpose == "居民来电"


def test_somebody_of_another_hub_is_not_there(machine, stranger_id: str, trail) -> None:
    answer = machine.get(f"/persons/{stranger_id}")

    assert (answer.status_code, answer.json["code"]) == (404, "no_such_person")
    for text in ("测试甲", id_number("99010019600101903"), "19999900002"):
        assert machine.post("/persons/search", {"text": text}).json == {"persons": []}
    assert trail("person.look") == []
    assert {row.detail["hits"] for row in trail("person.search")} == {0}


@pytest.mark.parametrize("person", ["1", "99999999999999999999", "0" * 26, "x" * 5000, "..%2f..", "%E5%BC%A0"])
def test_an_id_that_is_none_is_not_found(machine, person: str) -> None:
    assert machine.get(f"/persons/{person}").status_code == 404


def test_refusals_speak_the_askers_language(machine) -> None:
    path = "/persons/" + "0" * 26

    assert "本站点" in machine.get(path).json["detail"]
    assert "this hub" in machine.get(path, {"Accept-Language": "en-GB"}).json["detail"]
