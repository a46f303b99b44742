import pytest

from workbench.people import bank_account, phone
from workbench.people.credit_code import read_credit_code
from workbench.store.problems import Problem


def code_of(read: object, text: str) -> str:
    with pytest.raises(Problem) as caught:
        read(text)  # type: ignore[operator]
    assert "请" in caught.value.zh and caught.value.en.endswith(".")
    return caught.value.code


def test_credit_code_that_is_right_is_tidied() -> None:
    assert read_credit_code("9135 0100 m000100y43") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91350100M000100Y4", "credit_length"),
        ("91350100I000100Y43", "credit_characters"),
        ("91350100M000100Y44", "credit_checksum"),
    ],
)
def test_credit_code_that_is_wrong_says_what_to_do(text: str, code: str) -> None:
    assert code_of(read_credit_code, text) == code


@pytest.mark.parametrize(
    ("text", "digits"),
    [("154 0000 0001", "15400000001"), ("+86-15400000001", "15400000001"), ("(0990)8888888", "09908888888")],
)
def test_phone_that_is_right_is_tidied(text: str, digits: str) -> None:
    assert phone.read_phone(text) == digits


@pytest.mark.parametrize("text", ["", "1540000000", "12345678901", "8888888", "१५४००००००१"])
def test_phone_that_is_wrong_says_what_to_do(text: str) -> None:
    assert code_of(phone.read_phone, text) == "phone"


def test_phone_mask_keeps_three_and_four() -> None:
    assert (phone.mask("15400000001"), phone.mask("")) == ("154****0001", "")


def test_bank_card_must_pass_luhn() -> None:
    assert bank_account.read_bank_account("6200 0000 0000 0000 05") == "620000000000000005"
    assert code_of(bank_account.read_bank_account, "620000000000000006") == "bank_checksum"


def test_passbook_is_checked_for_length_only() -> None:
    assert bank_account.read_bank_account("1202020200001234567") == "1202020200001234567"
    assert code_of(bank_account.read_bank_account, "1234567") == "bank_digits"


def test_bank_mask_keeps_the_last_four() -> None:
    assert (bank_account.mask("6200000000000005"), bank_account.mask("1234")) == ("************0005", "****")
