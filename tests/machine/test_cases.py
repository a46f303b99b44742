"""Cases over the interface: handed in once, by the same rules as at the table, seen by their hub only."""

import importlib
import json
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Act
from sqlmodel import select

from workbench.app import create_app
from workbench.cases.models import CaseRow, DraftRow
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.hubs.models import HubRow
from workbench.hubs.open_lines import close_line
from workbench.identity.verify import verify
from workbench.machine.models import MachineOrderRow
from workbench.people.check import PersonInput
from workbench.people.merge import merge_people
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.store.context import Context
from workbench.store.engine import Store

ITEMS = ("RS-001", "MZ-001", "WJ-010", "CL-001", "WJ-001")


def codes(answer: Any) -> dict[str, str]:
    return {problem["field"]: problem["code"] for problem in answer.json["problems"]}


@pytest.mark.parametrize("code", ITEMS)
def test_an_order_is_accepted_and_on_its_way(machine, order, store: Store, installed, code: str) -> None:
    answer = machine.post("/cases", order(code))

    assert answer.status_code == 201, answer.json
    assert answer.json["case_no"].startswith("990100001001-")
    begins_with_an_assessment = code == "CL-001"  # its clock stands still until somebody else has assessed
    state = "suspended" if begins_with_an_assessment else "accepted"
    assert (answer.json["state"], answer.json["hindrances"]) == (state, [])
    with store.read() as session:
        case = session.get_one(CaseRow, answer.json["id"])
        sent = session.exec(select(DeliveryRow.platform_id).where(DeliveryRow.case_id == case.id)).all()
        steps = catalogue(installed).by_code[code][0].manifest.steps
        assert set(sent) == {d.platform for step in steps if step.by == "worker" for d in step.deliveries}
        assert case.owner_id.startswith("token:")
        assert list(verify(session, machine.app.extensions["workbench"].keys)) == []


def test_values_travel_as_they_were_given(machine, order, store: Store) -> None:
    given = order("WJ-010")
    case_id = machine.post("/cases", given).json["id"]

    with store.read() as session:
        case = session.get_one(CaseRow, case_id)
        kept = session.get_one(PayloadRow, case.payload_id).content["values"]
    assert kept
    for key, value in kept.items():
        assert given["values"].get(key, value) == value, key


def test_money_is_fen_and_false_is_an_answer(machine, order, store: Store, installed) -> None:
    item, key = next(
        (item, field.key)
        for item in catalogue(installed).items
        for field in item.manifest.fields
        if field.type == "money" and item.manifest.status == "in_force"
    )
    given = order(item.code, accept=False)
    given["values"] |= {key: 123456}
    answer = machine.post("/cases", given)

    assert answer.status_code == 201, answer.json
    with store.read() as session:
        assert session.get_one(DraftRow, answer.json["id"]).values[key] == 123456


def test_the_line_is_told_once_of_the_accepted_case(
    machine, order, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed
) -> None:
    (tmp_path / "machine_heard.py").write_text(
        "from workbench.api import hook\nHEARD = []\n"
        "@hook\ndef case_accepted(person, case):\n    HEARD.append((case.id, case.state, bool(case.values)))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    lines = tuple(
        replace(line, manifest=line.manifest.model_copy(update={"hooks": "machine_heard"})) for line in installed.lines
    )
    machine.app = create_app(settings, replace(installed, lines=lines))
    given = order()
    case_id = machine.post("/cases", given).json["id"]
    machine.post("/cases", given)
    machine.post("/cases", order("RS-012", accept=False))
    machine.app.extensions["workbench"].store.close()

    assert [(case_id, "accepted", True)] == importlib.import_module("machine_heard").HEARD


def test_the_same_key_twice_is_one_case(machine, order, store: Store) -> None:
    given = order()
    first, again = machine.post("/cases", given), machine.post("/cases", given)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    with store.read() as session:
        assert len(session.exec(select(CaseRow)).all()) == 1
        assert len(session.exec(select(DeliveryRow)).all()) == 1


def test_the_same_key_at_the_same_moment_is_one_case(machine, order, store: Store) -> None:
    given, answers = order(), []
    askers = [threading.Thread(target=lambda: answers.append(machine.post("/cases", given))) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json["id"] for answer in answers}) == 1
    with store.read() as session:
        assert len(session.exec(select(CaseRow)).all()) == 1


def test_a_key_cannot_be_used_for_something_else(machine, order) -> None:
    given = order()
    machine.post("/cases", given)
    answer = machine.post("/cases", given | {"materials": {}})

    assert (answer.status_code, answer.json["code"]) == (409, "key_reused")


def test_another_token_may_use_the_same_key(machine, order, token_for, store: Store) -> None:
    given = order()
    first = machine.post("/cases", given).json["id"]
    machine.token = token_for()
    second = machine.post("/cases", given)

    assert second.status_code == 201
    assert second.json["id"] != first


def test_an_incomplete_order_names_everything_and_writes_nothing(machine, order, store: Store) -> None:
    given = order(values={}, materials={})
    answer = machine.post("/cases", given)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    found = codes(answer)
    assert found["values.unemployment_date"] == "missing"
    assert "material_missing" in found.values()
    with store.read() as session:
        for table in (CaseRow, DraftRow, DeliveryRow, MachineOrderRow):
            assert session.exec(select(table)).all() == []
    complete = order(idempotency_key=given["idempotency_key"])
    assert machine.post("/cases", complete).status_code == 201


def test_a_draft_is_completed_by_a_later_order(machine, order) -> None:
    complete = order()
    draft = machine.post("/cases", order(values={}, materials={}, accept=False))

    assert (draft.status_code, draft.json["state"], draft.json["case_no"]) == (201, "draft", None)
    assert "values.unemployment_date" in {one["field"] for one in draft.json["hindrances"]}
    accepted = machine.post("/cases", complete)
    assert (accepted.json["id"], accepted.json["state"]) == (draft.json["id"], "accepted")


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("no_such_field", "1", "unknown_field"),
        ("unemployment_date", "22.11.2026", "wrong_type"),
        ("unemployment_date", "2026-02-30", "not_a_date"),
        ("unemployment_date", "2026-11-22 and more", "wrong_type"),
        ("unemployment_date", 20261122, "wrong_type"),
        ("unemployment_date", "x" * 2001, "wrong_type"),
        ("name", "甲" * 2001, "too_long"),
        ("name", ["甲"], "wrong_type"),
        ("name", {"a": 1}, "wrong_type"),
        ("id_no", "990100196001019011", "id_checksum"),
        ("phone", "12", "phone"),
        ("truth_promise", "file:" + "0" * 64, "wrong_type"),
        ("truth_promise", "data:image/png;base64,%%%", "signature_unreadable"),
    ],
)
def test_a_value_that_is_wrong_stands_beside_its_field(machine, order, key: str, value: Any, code: str) -> None:
    given = order()
    given["values"][key] = value
    answer = machine.post("/cases", given)

    assert answer.status_code == 422
    assert codes(answer)[f"values.{key}"].startswith(code), answer.json
    assert str(value) not in answer.get_data(as_text=True) or len(str(value)) < 3


@pytest.mark.parametrize("value", [True, "3", 10**13, 10**19, -(10**25), 1.5e300])
def test_a_number_out_of_bounds_is_refused(machine, order, installed, value: Any) -> None:
    item, key = next(
        (item, f.key)
        for item in catalogue(installed).items
        for f in item.manifest.fields
        if f.type == "number" and item.manifest.status == "in_force"
    )
    given = order(item.code)
    given["values"][key] = value

    assert codes(machine.post("/cases", given))[f"values.{key}"] == "wrong_type"


def test_materials_are_dealt_with_as_at_the_table(machine, order) -> None:
    given = order()
    given["materials"] = dict.fromkeys(given["materials"], "promised") | {"no_such_paper": "sighted"}
    found = codes(machine.post("/cases", given))

    assert found["materials.no_such_paper"] == "no_such_material"
    assert "material_not_allowed" in found.values()
    given["materials"] = {"a": "scanned"}
    assert codes(machine.post("/cases", given))["materials.a"] == "literal_error"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"extra": 1}, "extra", "extra_forbidden"),
        ({"accept": "true"}, "accept", "bool_type"),
        ({"accept": 1}, "accept", "bool_type"),
        ({"person_id": 99999999999999999999}, "person_id", "string_type"),
        ({"person_id": "x"}, "person_id", "string_pattern_mismatch"),
        ({"item_code": "RS-1"}, "item_code", "string_pattern_mismatch"),
        ({"idempotency_key": "short"}, "idempotency_key", "string_too_short"),
        ({"idempotency_key": None}, "idempotency_key", "string_type"),
        ({"values": []}, "values", "dict_type"),
        ({"reasons": {"nobody": "x"}}, "reasons.nobody", "unknown_field"),
    ],
)
def test_an_order_is_read_strictly(machine, order, changed: dict[str, Any], field: str, code: str) -> None:
    answer = machine.post("/cases", order(**changed))

    assert answer.status_code == 422
    assert codes(answer)[field] == code


def test_an_order_needs_its_key_and_its_word(machine, order) -> None:
    given = order()
    del given["idempotency_key"], given["accept"]

    assert codes(machine.post("/cases", given)) == {"idempotency_key": "missing", "accept": "missing"}


def test_a_case_for_somebody_of_another_hub_is_not_found(machine, order, stranger_id: str, store: Store) -> None:
    answer = machine.post("/cases", order(person_id=stranger_id))

    assert (answer.status_code, answer.json["code"]) == (404, "no_such_person")
    with store.read() as session:
        assert session.exec(select(CaseRow)).all() == []


def test_a_merged_person_is_refused(machine, order, act: Act, person_id: str) -> None:
    with act() as ctx:
        ctx.session.get_one(PersonRow, person_id).merged_into = person_id

    assert machine.post("/cases", order()).json["code"] == "person_merged"


def test_an_item_of_a_closed_line_is_not_found(machine, order, act: Act) -> None:
    with act("hubadmin1") as ctx:
        close_line(ctx, "social_security")

    assert machine.post("/cases", order()).json["code"] == "no_such_item"
    assert machine.post("/cases", order(item_code="ZZ-999")).json["code"] == "no_such_item"


def test_a_case_is_shown_with_its_timeline_and_deliveries(machine, order, trail) -> None:
    case_id = machine.post("/cases", order()).json["id"]
    answer = machine.get(f"/cases/{case_id}", {"X-Purpose": "%E5%B1%85%E6%B0%91%E6%9D%A5%E7%94%B5"})

    assert answer.status_code == 200
    shown = answer.json
    assert (shown["state"], shown["state_name"]) == ("accepted", {"zh": "已受理", "en": "Accepted"})
    assert shown["accepted_at"].endswith("Z")
    assert shown["timeline"][-1]["who"]["zh"] == "热线平台"
    assert [(d["state"], d["who"]["en"]) for d in shown["deliveries"]] == [("waiting", "the workbench")]
    assert shown["next"]["text"]["en"]
    [look] = trail("case.look")
    assert (look.purpose, look.subject) == ("居民来电", f"case:{case_id}")
    assert look.actor_id.startswith("token:")


def test_a_case_of_another_hub_is_not_found(machine, neighbour, order) -> None:
    case_id = machine.post("/cases", order()).json["id"]

    assert neighbour.get(f"/cases/{case_id}").status_code == 404
    assert neighbour.get("/cases").json == {"cases": [], "next": None}


def test_a_draft_is_seen_by_its_own_token_only(machine, order, token_for) -> None:
    case_id = machine.post("/cases", order(accept=False)).json["id"]
    assert machine.get(f"/cases/{case_id}").json["hindrances"] == []
    assert [case["id"] for case in machine.get("/cases?state=draft").json["cases"]] == [case_id]

    machine.token = token_for()
    assert machine.get(f"/cases/{case_id}").status_code == 404
    assert machine.get("/cases?state=draft").json["cases"] == []


def test_a_draft_of_a_closed_line_says_so_and_is_not_accepted(machine, order, act: Act) -> None:
    case_id = machine.post("/cases", order(accept=False)).json["id"]
    with act("hubadmin1") as ctx:
        close_line(ctx, "social_security")
    shown = machine.get(f"/cases/{case_id}")

    assert (shown.status_code, [one["code"] for one in shown.json["hindrances"]]) == (200, ["line_closed"])
    assert machine.post("/cases", order()).status_code == 404


def test_cases_are_paged_newest_first(machine, order, trail) -> None:
    made = [machine.post("/cases", order()).json["id"] for _ in range(3)]
    first = machine.get("/cases?state=accepted&limit=2").json
    second = machine.get(f"/cases?state=accepted&limit=2&after={first['next']}").json

    assert [case["id"] for case in first["cases"] + second["cases"]] == sorted(made, reverse=True)
    assert second["next"] is None
    assert "测试甲" not in str(first)
    assert len(trail("case.list")) == 3


@pytest.mark.parametrize(
    "query", ["state=gone", "limit=0", "limit=51", "limit=99999999999999999999", "after=1", "x=1", "limit=2&limit=3"]
)
def test_a_list_is_asked_strictly(machine, query: str) -> None:
    assert machine.get(f"/cases?{query}").status_code == 422


def test_no_case_is_begun_for_a_file_that_does_not_stand(
    machine, order, act: Act, person_id: str, store: Store
) -> None:
    """Merged into another one, or leading to nobody: erased, or opened by an import that was taken back."""
    with act("worker1") as ctx:
        other = register_person(
            ctx, PersonInput(name="测试甲", no_id_reason="证件遗失", birth_date=date(1960, 1, 1))
        ).id
        merge_people(ctx, person_id, other, "同一个人")
    answer = machine.post("/cases", order(person_id=other))
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (409, "person_merged", "person_id")
    with store.write() as session:
        session.get_one(PersonRow, other).merged_into = None
    answer = machine.post("/cases", order(person_id=other))
    assert (answer.status_code, answer.json["code"]) == (404, "no_such_person")
    with store.read() as session:
        assert session.exec(select(CaseRow)).all() == []


@pytest.mark.parametrize("place", ["order", "values"])
def test_a_key_that_stands_twice_is_refused(machine, order, place: str) -> None:
    """Of two readers one takes the first value, the other the last: what one checked the other would not have seen."""
    text = json.dumps(order())
    doubled = '{"accept": false, ' + text[1:]
    if place == "values":
        doubled = text.replace('"values": {', '"values": {"name": "甲", "name": "乙", ', 1)
    answer = machine.post("/cases", data=doubled.encode(), content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (422, "repeated")


@pytest.mark.parametrize("value", ["1e999", "9" * 4300, "[" * 150 + "]" * 150, '{"a": ' * 150 + "1" + "}" * 150])
def test_values_without_measure_are_refused(machine, order, value: str) -> None:
    given = order()
    text = json.dumps(given | {"values": given["values"] | {"name": "@"}}).replace('"@"', value)
    answer = machine.post("/cases", data=text.encode(), content_type="application/json")
    assert answer.status_code == 422
    assert codes(answer)["values.name"] == "wrong_type"


def test_order_that_is_in_somebodys_way_each_time_is_to_be_sent_again(machine, order, monkeypatch) -> None:
    calls = []

    def collide(ctx: Context, given: object) -> None:
        calls.append(given)
        ctx.session.add(HubRow(id="wutong", name_zh="站", name_en="x", shape="single", division="990100001001"))
        ctx.session.flush()

    with monkeypatch.context() as patch:
        patch.setattr("workbench.machine.cases.take_in", collide)
        answer = machine.post("/cases", order())
    assert (answer.status_code, answer.json["code"], len(calls)) == (503, "in_the_way", 2)
    assert answer.headers["Retry-After"] == "1"
    assert machine.post("/cases", order()).status_code == 201
