"""What is known of an item by its name alone, and how items are found by what people type."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from workbench.api.manifest import ItemManifest
from workbench.catalogue.items import load_catalogue
from workbench.catalogue.pick import pick_items
from workbench.host.discover import discover

Items = Mapping[str, ItemManifest]
MOST_KEYS, AT_LEAST = 4, 0.95
#: What people say across the table, and the item they mean.
PLAIN_WORDS = {
    "房租": "ZF-001", "上户口": "GA-001", "看病报销": "YB-012", "身份证丢了": "GA-019", "医保报销": "YB-012",
    "房产证": "ZR-001", "下岗": "RS-001", "修房子": "ZF-014", "托幼": "WJ-104", "台胞证": "QW-003",
    "施工噪音": "CG-001", "二胎": "WJ-001", "养狗": "GA-026", "当兵": "WZ-002", "家暴": "FL-002", "摆摊": "CG-002",
    "老年证": "MZ-015", "轮椅": "CL-008", "残疾证": "CL-001", "找工作": "RS-114", "暂住证": "GA-021",
}  # fmt: skip


def test_the_catalogue_is_as_wide_as_a_hub_needs(all_items: Items) -> None:
    assert Counter(item.depth for item in all_items.values()) == {"deep": 61, "name": 272}
    assert len(discover().ready_lines) == 31
    assert len([platform for platform in discover().platforms if platform.state == "ready"]) >= 30


def test_a_name_pretends_to_nothing_more(all_items: Items) -> None:
    for code, item in all_items.items():
        if item.depth == "name":
            said = (item.rules, item.exclusions, item.materials, item.promised_days, item.statutory_days, item.result)
            assert not any(said), code
            assert not item.sourced_aspects and bool(item.source_url) == (item.confidence == "sourced"), code
            assert [step.by for step in item.steps] == ["worker", "department"], code
            assert [delivery.operation for delivery in item.steps[0].deliveries] == ["forward"], code


def test_of_the_names_as_many_are_sourced_as_were_read(all_items: Items) -> None:
    marks = Counter(item.confidence for item in all_items.values() if item.depth == "name")
    assert marks == {"sourced": 99, "typical": 173}


def test_no_title_is_used_twice_in_any_line(all_items: Items) -> None:
    assert len({item.title_zh for item in all_items.values()}) == len(all_items)
    assert len({item.title_en for item in all_items.values()}) == len(all_items)
    assert all(item.aliases and item.title_en.isascii() for item in all_items.values())


def test_two_hundred_queries_of_four_keys_find_the_right_item_first() -> None:
    items = load_catalogue(discover().lines).items
    with Path(__file__).with_name("queries.csv").open(encoding="utf-8", newline="") as file:
        queries = [(row["typed"], row["item"]) for row in csv.DictReader(file)]
    assert len(queries) == 200 and all(len(typed) <= MOST_KEYS for typed, _code in queries)
    right = [code for typed, code in queries if (hits := pick_items(typed, items)) and hits[0].item.code == code]
    assert len(right) >= AT_LEAST * len(queries)


def test_plain_words_find_what_people_mean() -> None:
    items = load_catalogue(discover().lines).items
    for typed, code in PLAIN_WORDS.items():
        hits = [hit.item.code for hit in pick_items(typed, items)]
        assert hits[0] == code, typed


def test_every_alias_in_full_finds_its_item_first() -> None:
    items = load_catalogue(discover().lines).items
    owners = Counter(name for item in items for name in {item.manifest.title_zh, *item.manifest.aliases})
    for item in items:
        own = [alias for alias in item.manifest.aliases if owners[alias] == 1 and item.manifest.status == "in_force"]
        assert all(pick_items(alias, items)[0].item.code == item.code for alias in own), item.code
