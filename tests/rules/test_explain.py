import pytest

from workbench.api import Clause
from workbench.rules.evaluate import evaluate
from workbench.rules.explain import explain, missing_names
from workbench.rules.parse import parse

DIBAO_EDGE = "household.income_per_capita_month < 1.5 * region.dibao_standard"


def told(text, facts, **options):
    return explain(parse(text), facts, **options)


@pytest.mark.parametrize(
    ("text", "facts", "zh", "en", "verdict"),
    [
        ("age >= 60", {"age": 67}, "年龄 67，应不小于 60", "age 67, must be at least 60", True),
        ("age >= 60", {"age": 50}, "年龄 50，应不小于 60", "age 50, must be at least 60", False),
        ("not age >= 60", {"age": 50}, "年龄 50，应小于 60", "age 50, must be below 60", True),
        ("age > 60", {"age": 50}, "年龄 50，应大于 60", "age 50, must be above 60", False),
        ("age <= 60", {"age": 50}, "年龄 50，应不大于 60", "age 50, must be at most 60", True),
        ("age != 60", {"age": 50}, "年龄 50，应不为 60", "age 50, must not be 60", True),
        ("dibao.active", {"dibao.active": True}, "正在享受低保：是", "receives dibao: yes", True),
        ("dibao.active", {"dibao.active": False}, "正在享受低保：否，应为是", "receives dibao: no, must be yes", False),
        ("not dibao.active", {"dibao.active": False}, "正在享受低保：否", "receives dibao: no", True),
        (
            "not dibao.active", {"dibao.active": True},
            "正在享受低保：是，应为否", "receives dibao: yes, must be no", False,
        ),
        ("sex == '2'", {"sex": "1"}, "性别 男，应为 女", "sex male, must be female", False),
        ("sex == '2'", {"sex": "9"}, "性别 9，应为 女", "sex 9, must be female", False),
        (
            "employment.kind in ['flexible','self_employed']", {"employment.kind": "employee"},
            "就业形式 单位就业，应为其中之一：灵活就业、自主创业",
            "form of employment employee, must be one of flexible employment, self-employed", False,
        ),
        (
            "disability.category not in ['5','6']", {"disability.category": "4"},
            "残疾类别 肢体残疾，不应为其中之一：智力残疾、精神残疾",
            "category of disability physical, must be none of intellectual, mental", True,
        ),
        (
            "birth_date >= date('1933-01-01')", {"birth_date": "1940-02-01"},
            "出生日期 1940-02-01，应不早于 1933-01-01",
            "date of birth 1940-02-01, must be no earlier than 1933-01-01", True,
        ),
        (
            "admission.year == today.year", {"admission.year": 2024, "today": "2025-09-01"},
            "录取年份 2024，应为 办理日期的年份 2025",
            "year of admission 2024, must be year of today's date 2025", False,
        ),
        (
            DIBAO_EDGE, {"household.income_per_capita_month": 80_000, "region.dibao_standard": 81_000},
            "家庭人均月收入 800.00 元，应小于 1.5 × 当地月低保标准（1,215.00 元）",
            "monthly household income per head 800.00 yuan, "
            "must be below 1.5 × local monthly dibao standard (1,215.00 yuan)", True,
        ),
    ],
)  # fmt: skip
def test_a_known_clause_says_what_was_found_and_what_must_be(text, facts, zh, en, verdict):
    assert told(text, facts) == (Clause(zh, en, verdict),)


@pytest.mark.parametrize(
    ("text", "facts", "zh", "en", "missing"),
    [
        ("age >= 60", {}, "待确认：年龄（应不小于 60）", "to be confirmed: age (must be at least 60)", ("age",)),
        (
            "dibao.active", {}, "待确认：正在享受低保（应为是）",
            "to be confirmed: receives dibao (must be yes)", ("dibao.active",),
        ),
        (
            DIBAO_EDGE, {"household.income_per_capita_month": 80_000},
            "待确认：当地月低保标准（家庭人均月收入 800.00 元，应小于 1.5 × 当地月低保标准）",
            "to be confirmed: local monthly dibao standard (monthly household income per head 800.00 yuan, "
            "must be below 1.5 × local monthly dibao standard)", ("region.dibao_standard",),
        ),
        (
            "household.income_year / household.size < 5", {"household.income_year": 100, "household.size": 0},
            "待确认：共同生活家庭成员数（家庭年收入 ÷ 共同生活家庭成员数，应小于 0.05 元）",
            "to be confirmed: household size (yearly household income ÷ household size, must be below 0.05 yuan)",
            ("household.size",),
        ),
    ],
)  # fmt: skip
def test_an_unknown_clause_says_what_to_confirm(text, facts, zh, en, missing):
    assert told(text, facts) == (Clause(zh, en, None, missing),)


def test_a_top_level_and_becomes_one_clause_each():
    clauses = told("age >= 60 and (hukou.local and not dibao.active)", {"age": 67, "hukou.local": True})
    assert [clause.verdict for clause in clauses] == [True, True, None]
    assert [clause.missing for clause in clauses] == [(), (), ("dibao.active",)]


def test_alternatives_are_one_clause_and_while_open_name_every_part():
    (clause,) = told("age >= 80 or (age >= 60 and person.disabled_selfcare)", {"age": 67})
    assert clause.verdict is None
    assert clause.missing == ("person.disabled_selfcare",)
    assert clause.text_zh == "年龄 67，应不小于 80；或 （年龄 67，应不小于 60；且 待确认：生活不能自理（应为是））"
    assert clause.text_en == (
        "age 67, must be at least 80; or "
        "(age 67, must be at least 60; and to be confirmed: cannot care for oneself (must be yes))"
    )


def test_alternatives_that_hold_name_only_what_holds():
    (clause,) = told("age >= 80 or dibao.active or hukou.local", {"age": 85, "dibao.active": False})
    assert clause == Clause("年龄 85，应不小于 80", "age 85, must be at least 80", True)


def test_an_exclusion_turns_the_verdict_and_the_words():
    assert told("tekun.active", {"tekun.active": True}, excluded=True) == (
        Clause("正在享受特困供养：是，应为否", "receives tekun support: yes, must be no", False),
    )
    assert told("tekun.active", {"tekun.active": False}, excluded=True) == (
        Clause("正在享受特困供养：否", "receives tekun support: no", True),
    )


def test_an_excluded_or_becomes_one_clause_each():
    clauses = told("dibao.active or age < 18", {"age": 20}, excluded=True)
    assert [(clause.text_en, clause.verdict) for clause in clauses] == [
        ("to be confirmed: receives dibao (must be no)", None),
        ("age 20, must be at least 18", True),
    ]


def test_missing_names_are_those_that_keep_a_rule_open():
    rules = [parse("age >= 80 or dibao.active"), parse("hukou.local and sex == '1'"), parse("dibao.active")]
    assert missing_names(rules, {"age": 85, "hukou.local": False}) == ("dibao.active",)
    assert missing_names(rules, {"age": 70}) == ("dibao.active", "hukou.local", "sex")
    assert missing_names(rules[:2], {"age": 85, "hukou.local": True}) == ("sex",)


def test_clauses_agree_with_the_rule_for_the_whole_catalogue(expressions):
    for text in expressions:
        rule = parse(text)
        for facts in ({}, {"age": 67, "hukou.local": True, "dibao.active": False}, {"disability.level": 2, "age": 15}):
            clauses = explain(rule, facts)
            verdicts = {clause.verdict for clause in clauses}
            joined = False if False in verdicts else None if None in verdicts else True
            assert joined is evaluate(rule, facts), text
            assert all(bool(clause.missing) is (clause.verdict is None) for clause in clauses), text
            assert all(clause.text_zh and clause.text_en for clause in clauses), text
