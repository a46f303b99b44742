"""Every rule of the catalogue says the same to a database as to Python, of residents as the product keeps them."""

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.bench import agreement
from workbench.bench.agreement import agreements, file_strangers, names_asked, rules_of, try_all
from workbench.bench.strangers import Strangers
from workbench.catalogue.dictionary import load_dictionary
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.people.sensitivity import set_sensitivity

TODAY = date(2026, 11, 26)
REGION = {"region.dibao_standard": 81_000, "region.extend_mental": True, "region.rehab_max_age": 17}
#: One database serves all examples, and a busy machine may take its time to write them.
HERE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def rules() -> Any:
    return rules_of(catalogue(discover()))


def try_rules(act: Any, chosen: Any, people: int, seed: int, region: dict[str, Any]) -> list[Any]:
    set_sensitivity(load_dictionary().is_sensitive)
    try:
        with act("worker1") as ctx:
            ids = file_strangers(ctx, chosen, people, seed, TODAY)
            found = try_all(ctx, chosen, region, TODAY, ids)
            ctx.session.rollback()
            return found
    finally:
        set_sensitivity(None)


def test_every_rule_agrees(act: Any) -> None:
    found = try_rules(act, rules(), 60, 20261126, REGION)
    assert len(found) > 80
    assert [one for one in found if not one.agrees] == []
    # All three verdicts occur, and what is sealed is really left to Python.
    assert all(sum(getattr(one, kind) for one in found) > 150 for kind in ("yes", "no", "unknown", "looked_at"))


def test_many_are_tried_some_at_a_time(act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "BLOCK", 7)
    set_sensitivity(load_dictionary().is_sensitive)
    chosen, told = rules()[:3], list[int]()
    people = Strangers("wutong", names_asked(chosen), TODAY, 1).make(17)
    try:
        found = agreements(lambda: act("worker1"), chosen, REGION, people, TODAY, told.append)
    finally:
        set_sensitivity(None)
    assert told == [7, 7, 3]
    assert [one.yes + one.no + one.unknown for one in found] == [17, 17, 17]
    assert all(one.agrees for one in found)


@settings(max_examples=10, deadline=None, suppress_health_check=HERE)
@given(
    seed=st.integers(0, 2**32),
    region=st.dictionaries(st.sampled_from(sorted(REGION)), st.sampled_from([None, 0, 17, 81_000, True, "12"])),
)
def test_some_rules_agree_on_anybody_anywhere(act: Any, seed: int, region: dict[str, Any]) -> None:
    chosen = Random(seed).sample(rules(), 4)
    assert [one for one in try_rules(act, chosen, 12, seed, region) if not one.agrees] == []
