from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.people.id_number import (
    CHECK,
    PROBLEMS,
    check_character,
    group,
    mask,
    modern_form,
    read_id_number,
    tidy,
)
from workbench.store.problems import Problem

TODAY = date(2026, 11, 22)
#: The example printed in GB 11643.
EXAMPLE = "11010519491231002X"


def finish(first17: str) -> str:
    return first17 + check_character(first17)


def test_number_of_the_standard_is_read() -> None:
    found = read_id_number(EXAMPLE, TODAY)
    assert (found.birth_date, found.sex, found.kind) == (date(1949, 12, 31), "2", "citizen")


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２ｘ"]
)
def test_number_typed_carelessly_is_tidied(typed: str) -> None:
    assert read_id_number(typed, TODAY).number == EXAMPLE


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (finish("81000019900101001"), "residence_permit"),
        (finish("82000019900101002"), "residence_permit"),
        (finish("83000019900101003"), "residence_permit"),
        (finish("93184019850505001"), "permanent_resident"),
        (finish("99010019850505901"), "citizen"),
        (finish("51022119600101001"), "citizen"),  # a county abolished when Chongqing became a municipality
    ],
)
def test_number_of_every_accepted_kind_is_read(number: str, kind: str) -> None:
    assert read_id_number(number, TODAY).kind == kind


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "id_empty"),
        ("110105194912310", "id_old"),
        ("1101051949123100", "id_length"),
        ("11010519491231002Y", "id_characters"),
        ("01010519491231002X", "id_characters"),
        (finish("11010519491331002"), "id_birth_date"),
        (finish("11010517491231002"), "id_birth_date"),
        (finish("11010520261123002"), "id_future"),
        ("110105194912310020", "id_checksum"),
        ("11010519491231020X", "id_checksum"),
        ("1101051949123१002X", "id_characters"),
    ],
)
def test_number_that_is_wrong_says_what_to_do(typed: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        read_id_number(typed, TODAY)
    assert caught.value.code == code
    assert (caught.value.zh, caught.value.en) == PROBLEMS[code]
    assert caught.value.field == "id_no"


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_names_a_next_step(code: str) -> None:
    zh, en = PROBLEMS[code]
    assert any(word in zh for word in ("请", "输入")) and any(word in en for word in ("nter", "ompare"))


def test_number_born_today_is_read() -> None:
    assert read_id_number(finish("11010520261122002"), TODAY).birth_date == TODAY


@given(st.integers(0, 16), st.integers(0, 9))
def test_any_single_wrong_digit_is_found(position: int, digit: int) -> None:
    wrong = f"{EXAMPLE[:position]}{digit}{EXAMPLE[position + 1 :]}"
    if wrong != EXAMPLE:
        assert check_character(wrong[:17]) != wrong[17]


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        assert read_id_number(text, TODAY).number == tidy(text)
    except Problem as problem:
        assert problem.code in PROBLEMS


def test_old_number_gives_its_modern_form() -> None:
    assert modern_form("110105491231002") == EXAMPLE


def test_mask_keeps_three_and_four() -> None:
    assert mask(EXAMPLE) == "110***********002X"
    assert (mask("E12345678"), mask("AB"), mask("")) == ("E*******8", "**", "")


def test_group_writes_6_8_4() -> None:
    assert (group(EXAMPLE), group("E1234567")) == ("110105 19491231 002X", "E1234567")


def test_check_characters_are_the_standards() -> None:
    assert CHECK == "10X98765432"
