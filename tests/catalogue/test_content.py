"""What the item files promise: every field points or says why, every name used is one that exists."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from workbench.api.manifest import FieldType, ItemField, ItemManifest, ItemStep, LineManifest
from workbench.rules.vocabulary import load_vocabulary

PLUGINS = Path(__file__).parents[2] / "plugins"
PREFIX = {"MZ": "civil_affairs", "RS": "social_security", "WJ": "family_planning", "CL": "disability_federation"}
#: Whoever takes the case in-house before the department: two look, and the second is another person.
FOUR_EYES = {"MZ-001", "MZ-002", "MZ-008", "MZ-009"}
#: Looked at in-house by another line before the department, or sent with the month's batch.
LOOKED_AT = {"MZ-011", "CL-015"}
PLATFORM_OF = {
    "MZ-010": {"civil_affairs.two_allowances"},
    "MZ-011": {"civil_affairs.two_allowances"},
    "RS-011": {"social_security.card_registry"},
    "WJ-010": {"family_planning.child_allowance"},
    "CL-009": {"disability_federation.fuel_subsidy"},
} | {
    code: {"civil_affairs.case_gateway", "civil_affairs.means_check"}
    for code in ("MZ-001", "MZ-002", "MZ-003", "MZ-008", "MZ-009", "MZ-012")
}
PLATFORM_OF_LINE = {
    "MZ": {"civil_affairs.case_gateway"},
    "RS": {"social_security.integrated"},
    "WJ": {"family_planning.birth_registration"},
    "CL": {"disability_federation.national"},
}

Items = Mapping[str, ItemManifest]
Fields = Mapping[str, dict[str, Any]]


def test_every_line_has_all_its_items(items: Items) -> None:
    assert Counter(code[:2] for code in items) == {"MZ": 15, "RS": 16, "WJ": 14, "CL": 16}


@pytest.mark.parametrize("prefix", PREFIX)
def test_line_says_who_owns_it(prefix: str) -> None:
    line = LineManifest(**tomllib.loads((PLUGINS / PREFIX[prefix] / "line.toml").read_text(encoding="utf-8")))
    assert (line.id, line.code_prefix, line.api) == (PREFIX[prefix], prefix, "1.0")
    assert line.owner.name
    assert set(line.permissions) == {"see", "accept", "review", "decide"}


def test_only_the_replaced_item_is_superseded(items: Items) -> None:
    assert {code for code, item in items.items() if item.status != "in_force"} == {"WJ-002"}


def test_every_item_is_dated_and_for_any_division(items: Items) -> None:
    assert {(i.version, i.valid_from, i.division) for i in items.values()} == {("2026.1", date(2026, 1, 1), "*")}


def test_every_item_speaks_both_languages(items: Items) -> None:
    for code, item in items.items():
        english = [item.title_en, item.applicant_conditions_en, item.result_en]
        english += [part.name_en for part in (*item.materials, *item.steps)]
        english += [field.label_en for field in _all_fields(item)]
        assert all(text and text.isascii() for text in english), code
        assert item.title_zh and item.purpose and not item.purpose.isascii(), code


def test_the_same_words_are_always_translated_alike(items: Items) -> None:
    for words in (_material_words, _step_words, _field_words):
        english: dict[str, set[str]] = {}
        for item in items.values():
            for zh, en in words(item):
                english.setdefault(zh, set()).add(en)
        assert {zh: en for zh, en in english.items() if len(en) > 1} == {}


def test_every_item_is_found_by_everyday_words(items: Items) -> None:
    for code, item in items.items():
        assert len(item.aliases) >= 4, code
        assert len(set(item.aliases)) == len(item.aliases), code
    assert {"4050", "社保补贴", "灵保补贴"} <= set(items["RS-004"].aliases)
    assert "低保" in items["MZ-001"].aliases
    assert "残摩燃油" in items["CL-009"].aliases


def test_the_same_title_is_never_used_twice(items: Items) -> None:
    assert len({item.title_zh for item in items.values()}) == len(items)
    assert len({item.title_en for item in items.values()}) == len(items)


def test_what_was_read_and_what_is_assumed_stays_apart(items: Items) -> None:
    aspects = {"conditions", "materials", "days", "steps", "result", "fields"}
    for code, item in items.items():
        assert set(item.sourced_aspects) | set(item.typical_aspects) == aspects, code
        assert not set(item.sourced_aspects) & set(item.typical_aspects), code
        assert bool(item.sources) == bool(item.sourced_aspects), code
    assert Counter(item.confidence for item in items.values()) == {"sourced": 51, "typical": 10}
    assert sum(len(item.sources) for item in items.values()) == 138


def test_every_field_points_or_says_why_not(items: Items) -> None:
    for code, item in items.items():
        for field in item.fields:
            assert bool(field.fact) != bool(field.own), f"{code}.{field.key}"
            assert field.fact or field.type, f"{code}.{field.key}"


def test_every_fact_pointed_at_is_in_the_dictionary(items: Items, dictionary: Fields) -> None:
    for code, item in items.items():
        for field in item.fields:
            if field.fact:
                assert dictionary[field.fact]["form"] == field.key, f"{code}.{field.key}"


def test_a_field_repeats_its_group_only_to_demand_it(items: Items, groups: Fields, dictionary: Fields) -> None:
    repeated = set()
    for code, item in items.items():
        grouped = {field["key"] for name in item.field_groups for field in groups[name]["field"]}
        for field in item.fields:
            if field.fact in grouped:
                assert field.required and not dictionary[field.fact]["required"], f"{code}.{field.key}"
                repeated.add(f"{code}.{field.key}")
    assert repeated == {
        "MZ-013.cremation_date",
        "MZ-014.marriage_date",
        "RS-001.education",
        "RS-011.nationality",
        "WJ-001.marital_status",
        "WJ-010.child_id_no",
        "WJ-010.birth_order",
        "CL-001.marital_status",
        "CL-001.education",
    }


def test_own_fields_never_take_a_key_of_their_groups(items: Items, groups: Fields) -> None:
    for code, item in items.items():
        grouped = {field["form"] for name in item.field_groups for field in groups[name]["field"]}
        keys = [field.key for field in item.fields]
        assert len(set(keys)) == len(keys), code
        assert not grouped & {field.key for field in item.fields if field.own}, code


def test_every_choice_has_a_table_or_options(items: Items, codes: Fields) -> None:
    for code, item in items.items():
        for field in _all_fields(item):
            if field.fact:
                continue
            if field.type in ("code", "multi"):
                assert bool(field.codes) != bool(field.options), f"{code}.{field.key}"
            assert not field.codes or field.codes in codes, f"{code}.{field.key}"
            assert all(_is_option(text) for text in field.options), f"{code}.{field.key}"
            assert bool(field.columns) == (field.type == "table"), f"{code}.{field.key}"


def test_every_material_has_a_key_of_its_own(items: Items) -> None:
    for code, item in items.items():
        keys = [material.key for material in item.materials]
        assert len(set(keys)) == len(keys), code


def test_a_material_is_spared_only_by_a_fact_somebody_holds(items: Items, dictionary: Fields) -> None:
    for code, item in items.items():
        for material in item.materials:
            if material.waived_by_fact:
                field = dictionary[material.waived_by_fact]
                assert field["authority"] and material.waivable_by, f"{code}.{material.key}"


def test_what_may_come_later_is_a_photo_or_a_copy_not_required(items: Items) -> None:
    for code, item in items.items():
        for material in item.materials:
            spared = material.form == "photo" or "photo" in material.key or not material.required
            assert spared or not material.may_be_late or (code, material.key) == ("MZ-003", "hardship_proof")


def test_a_promise_stands_only_where_the_source_says_so(items: Items) -> None:
    found = {(code, m.key) for code, item in items.items() for m in item.materials if m.may_be_promised}
    assert found == {("RS-001", "end_of_work_proof"), ("WJ-001", "marriage_certificate")}


def test_the_worker_accepts_and_the_accepted_case_goes_to_its_platforms(items: Items) -> None:
    for code, item in items.items():
        (accepting,) = [step for step in item.steps if any(d.operation == "apply" for d in step.deliveries)]
        assert accepting.by == ("reviewer" if item.batch else "worker"), code
        assert {d.platform for d in accepting.deliveries} == PLATFORM_OF.get(code, PLATFORM_OF_LINE[code[:2]]), code


def test_after_acceptance_nobody_but_the_department_unless_two_look(items: Items) -> None:
    for code, item in items.items():
        later = {step.by for step in _after_acceptance(item)}
        allowed = {"department", "reviewer", "approver"} if code in FOUR_EYES | LOOKED_AT else {"department"}
        assert later <= allowed, code


def test_two_look_before_the_street_gives_its_opinion(items: Items) -> None:
    for code, item in items.items():
        inhouse = [step for step in item.steps if step.by in ("reviewer", "approver")]
        assert bool(inhouse) == (code in FOUR_EYES | LOOKED_AT), code
        if inhouse and code in FOUR_EYES:
            assert [step.by for step in inhouse] == ["reviewer"] * (len(inhouse) - 1) + ["approver"], code
            assert [step.four_eyes for step in inhouse] == [False] * (len(inhouse) - 1) + [True], code
            assert [(d.platform, d.operation) for d in inhouse[-1].deliveries] == [
                ("civil_affairs.case_gateway", "opinion")
            ], code


def test_every_step_has_a_key_of_its_own(items: Items) -> None:
    for code, item in items.items():
        assert len({step.key for step in item.steps}) == len(item.steps), code


def test_every_expression_parses_and_uses_known_names_only(items: Items, groups: Fields) -> None:
    known = set(load_vocabulary()) | {"date", "today.year"}
    texts = {group["when"] for group in groups.values() if "when" in group}
    for item in items.values():
        texts |= {*item.rules, *item.exclusions}
        texts |= {part.when for part in (*item.fields, *item.materials) if part.when}
    for text in texts:
        assert set(_names(ast.parse(text, mode="eval").body)) <= known, text


def test_every_group_named_exists(items: Items, groups: Fields) -> None:
    assert {name for item in items.values() for name in item.field_groups} <= set(groups)


def test_every_type_of_field_is_one_that_forms_know(dictionary: Fields) -> None:
    for key, field in dictionary.items():
        assert field["type"] in get_args(FieldType), key


def _material_words(item: ItemManifest) -> list[tuple[str, str]]:
    return [(material.name, material.name_en) for material in item.materials]


def _step_words(item: ItemManifest) -> list[tuple[str, str]]:
    return [(step.name, step.name_en) for step in item.steps]


def _field_words(item: ItemManifest) -> list[tuple[str, str]]:
    return [(field.label, field.label_en) for field in item.fields]


def _after_acceptance(item: ItemManifest) -> tuple[ItemStep, ...]:
    place = [bool(step.deliveries) for step in item.steps].index(True)
    return item.steps[place + 1 :]


def _all_fields(item: ItemManifest) -> Iterator[ItemField]:
    for field in item.fields:
        yield field
        yield from field.columns


def _is_option(text: str) -> bool:
    parts = text.split("|")
    return len(parts) == 3 and all(parts)


def _names(node: ast.expr) -> Iterator[str]:
    """Dotted names as written, outermost only."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield ast.unparse(node)
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _names(child)
