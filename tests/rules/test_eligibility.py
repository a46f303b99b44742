import pytest

from workbench.rules.eligibility import assess, decide
from workbench.rules.errors import RuleError
from workbench.rules.parse import parse

RULES = ["age >= 60", "dibao.active and hukou.local"]
EXCLUSIONS = ["tekun.active"]
HELD = {"age": 67, "dibao.active": True, "hukou.local": True, "tekun.active": False}


@pytest.mark.parametrize(
    ("change", "verdict", "missing"),
    [
        ({}, True, ()),
        ({"age": 50}, False, ()),
        ({"tekun.active": True}, False, ()),
        ({"tekun.active": None}, None, ("tekun.active",)),
        ({"hukou.local": None, "dibao.active": None}, None, ("dibao.active", "hukou.local")),
        ({"age": 50, "tekun.active": None}, False, ("tekun.active",)),
    ],
)
def test_only_a_certain_failure_refuses(change, verdict, missing):
    found = assess(RULES, EXCLUSIONS, HELD | change)
    assert (found.verdict, found.missing) == (verdict, missing)
    assert len(found.clauses) == 4
    rules, exclusions = map(parse, RULES), map(parse, EXCLUSIONS)
    assert decide(rules, exclusions, HELD | change) is verdict


def test_no_rules_at_all_hold():
    found = assess([], [], {})
    assert (found.verdict, found.clauses, found.missing) == (True, (), ())


def test_rules_may_be_given_ready():
    assert assess([parse("age >= 60")], [], {"age": 60}).verdict is True


def test_a_rule_that_cannot_be_read_is_raised():
    with pytest.raises(RuleError):
        assess(["age >>> 60"], [], {})
