"""A resident who was handled once before: most of the form of every item is filled, and nobody is asked twice."""

import re

import pytest

from workbench.bench.second_visit import WANTED, Figure, second_visits
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover

#: The items with forms and materials of their own; the wide list of the other lines asks for seven fields each.
WITH_OWN_FORMS = re.compile(r"(MZ|CL|WJ|RS)-0\d\d")


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return second_visits(item.code for item in catalogue(discover()).items if WITH_OWN_FORMS.fullmatch(item.code))


def test_form_of_every_item_is_filled_enough_at_the_second_visit(figures: list[Figure]) -> None:
    assert len(figures) == 61
    assert {f.item.code: (f.again.percent, sorted(f.again.unfilled)) for f in figures if f.again.percent < WANTED} == {}


def test_only_signatures_and_consents_are_asked_again(figures: list[Figure]) -> None:
    by_hand = {"authorize_scope", "authorize_members", "signature", "truth_promise", "promise", "guardian_duty"}
    assert set().union(*(figure.again.unfilled for figure in figures)) == by_hand | {"agreement_sign"}


def test_what_a_visit_for_another_item_leaves_open_is_named(figures: list[Figure]) -> None:
    jobseeker = next(figure for figure in figures if figure.item.code == "RS-001")

    assert 0 < jobseeker.percent_elsewhere < jobseeker.again.percent
    assert {"unemployment_date", "job_intent"} <= set(jobseeker.mostly_empty)
    assert "name" not in jobseeker.mostly_empty
