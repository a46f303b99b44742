"""What is made of several measurements of one width, and of several widths."""

import pytest

from workbench.bench.widths import Width, is_good, least


def width(lines: int, ms: float, asked: int = 11, memory: float = 200.0) -> Width:
    return Width(lines, 10, 5, 2.0 + ms, 3.0 + ms, memory, {"home": (ms, asked, 30)})


def test_of_several_times_the_least_counts_and_of_memory_the_most() -> None:
    found = least([width(4, 2.5, memory=210.0), width(4, 2.1), width(4, 3.9)])
    assert found == Width(4, 10, 5, 4.1, 5.1, 210.0, {"home": (2.1, 11, 30)})


def test_a_page_that_does_not_ask_the_same_every_time_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="home"):
        least([width(4, 2.5), width(4, 2.5, asked=12)])


@pytest.mark.parametrize(
    ("widest", "is_within"),
    [(width(100, 2.4), True), (width(100, 2.41), False), (width(100, 2.0, asked=12), False)],
    ids=["as often and a fifth longer", "longer", "asks more"],
)
def test_the_goal(widest: Width, is_within: bool) -> None:
    assert is_good([width(4, 2.0), width(31, 9.0), widest]) is is_within
