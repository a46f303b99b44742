"""The dictionary of fields, the code tables, life events and parameters that all lines share."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from workbench.api.manifest import ItemManifest
from workbench.rules.vocabulary import load_vocabulary

Rows = list[dict[str, str]]
Fields = Mapping[str, dict[str, Any]]

KEYS = {
    "key",
    "form",
    "label_zh",
    "label_en",
    "type",
    "required",
    "codes",
    "options",
    "sensitivity",
    "authority",
    "freshness_days",
    "synonyms",
    "standard",
    "help_zh",
    "help_en",
    "column",
    "columns",
}
ON_THE_PERSON = {
    "person.name",
    "person.id_type",
    "person.id_no",
    "person.sex",
    "person.birth_date",
    "person.phone",
    "person.hukou_division",
    "person.hukou_address",
    "person.residence_division",
    "person.residence_address",
}


def test_every_key_and_every_form_key_is_used_once(groups: Fields) -> None:
    fields = [field for group in groups.values() for field in group["field"]]
    assert len({field["key"] for field in fields}) == len(fields)
    assert len({field["form"] for field in fields}) == len(fields)


def test_every_shared_field_says_who_may_see_it_and_how_long_it_holds(dictionary: Fields) -> None:
    for key, field in dictionary.items():
        assert set(field) <= KEYS, key
        assert field["label_zh"] and field["label_en"].isascii(), key
        assert field["sensitivity"] in ("plain", "personal", "sensitive"), key
        assert field["freshness_days"] >= 0, key


def test_identity_numbers_accounts_and_phones_are_sensitive(dictionary: Fields) -> None:
    for key, field in dictionary.items():
        if field["type"] in ("id_no", "bank", "phone"):
            assert field["sensitivity"] == "sensitive", key


def test_columns_of_the_person_row_are_exactly_these(dictionary: Fields) -> None:
    assert {key for key, field in dictionary.items() if field.get("column")} == ON_THE_PERSON


def test_shared_choices_have_a_table_or_options(dictionary: Fields, codes: Mapping[str, Rows]) -> None:
    for key, field in dictionary.items():
        for part in (field, *field.get("columns", ())):
            if part["type"] in ("code", "multi"):
                assert bool(part.get("codes")) != bool(part.get("options")), key
            assert not part.get("codes") or part["codes"] in codes, key
            assert all(len(text.split("|")) == 3 for text in part.get("options", ())), key
        assert bool(field.get("columns")) == (field["type"] == "table"), key


def test_consent_is_asked_anew_at_every_sitting(groups: Fields) -> None:
    assert {field["freshness_days"] for field in groups["consent"]["field"]} == {1}


def test_only_the_household_is_repeated(groups: Fields) -> None:
    assert {name for name, group in groups.items() if group["repeated"]} == {"household"}


def test_groups_about_somebody_else_are_asked_only_when_there_is_one(groups: Fields) -> None:
    assert {name: group["when"] for name, group in groups.items() if "when" in group} == {
        "agent": "agent.present",
        "guardian": "guardian.present",
        "spouse": "marriage.registered",
    }


def test_closed_values_of_rules_are_among_the_choices(dictionary: Fields, codes: Mapping[str, Rows]) -> None:
    for name, fact in load_vocabulary().items():
        if name in dictionary and fact.closed_values:
            assert set(fact.closed_values) <= set(_values(dictionary[name], codes)), name


def test_code_tables_give_each_code_once_in_both_languages(codes: Mapping[str, Rows]) -> None:
    for name, rows in codes.items():
        assert len({row["code"] for row in rows}) == len(rows), name
        for row in rows:
            assert row.get("name") or row["name_zh"], name
            assert row["name_en"] and row["name_en"].isascii(), name


@pytest.mark.parametrize(("name", "count"), [("gbt_3304_ethnic_group", 60), ("gbt_4761_family_relationship", 84)])
def test_long_tables_are_whole(codes: Mapping[str, Rows], name: str, count: int) -> None:
    assert len(codes[name]) == count


def test_divisions_hang_together(codes: Mapping[str, Rows]) -> None:
    rows = {row["code"]: row for row in codes["divisions"]}
    assert sum(row["level"] == "province" for row in rows.values()) == 34
    for row in rows.values():
        assert not row["parent"] or row["parent"] in rows, row["code"]
    communities = [row for row in rows.values() if row["level"] == "community"]
    assert [row["code"] for row in communities] == [f"990100001{number:03d}" for number in range(1, 9)]


def test_whatever_is_not_a_province_says_that_it_is_a_demonstration(codes: Mapping[str, Rows]) -> None:
    for row in codes["divisions"]:
        if row["level"] != "province":
            assert row["code"].startswith("99") and row["note"].startswith("demonstration"), row["code"]


def test_life_events_name_items_or_say_by_name_only(
    life_events: Mapping[str, dict[str, Any]], items: Mapping[str, ItemManifest]
) -> None:
    assert len(life_events) == 11
    for key, event in life_events.items():
        assert event["key"] == key and event["title_zh"] and event["title_en"].isascii()
        by_name = {row["code"] for row in event.get("by_name_only", ())}
        assert by_name == set(event["item_codes"]) - set(items), key


def test_every_parameter_rules_read_has_a_value_in_the_demonstration_city(
    parameters: list[dict[str, Any]], codes: Mapping[str, Rows]
) -> None:
    wanted = {name for name in load_vocabulary() if name.startswith("region.")}
    assert {row["key"] for row in parameters if row["valid_from"] <= date(2026, 1, 1)} == wanted
    for row in parameters:
        assert row["division"] in {division["code"] for division in codes["divisions"]}
        assert row["confidence"] == "typical" and row["note"]


def test_money_parameters_are_whole_fen(parameters: list[dict[str, Any]]) -> None:
    money = [row for row in parameters if load_vocabulary()[row["key"]].is_money]
    assert {row["unit"] for row in money} == {"fen"}
    assert all(type(row["value"]) is int for row in money)


def _values(field: dict[str, Any], codes: Mapping[str, Rows]) -> list[str]:
    if field.get("codes"):
        return [row["code"] for row in codes[field["codes"]]]
    return [text.split("|")[0] for text in field.get("options", ())]
