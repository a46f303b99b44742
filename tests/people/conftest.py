"""Residents for the tests of this room: numbers with right check characters in a division that does not exist."""

from collections.abc import Callable, Iterator

import pytest

from workbench.people.check import PersonInput
from workbench.people.id_number import check_character
from workbench.people.sensitivity import set_sensitivity

Make = Callable[..., PersonInput]


def number_of(birth: str = "19800101", sequence: int = 901, division: str = "990100") -> str:
    first17 = f"{division}{birth}{sequence:03d}"
    return first17 + check_character(first17)


@pytest.fixture
def make_input() -> Make:
    def make(name: str = "张伟", **given: object) -> PersonInput:
        return PersonInput.model_validate({"name": name, "id_no": number_of(), **given})

    return make


@pytest.fixture
def make_number() -> Callable[..., str]:
    return number_of


@pytest.fixture(autouse=True)
def sealed_keys() -> Iterator[None]:
    set_sensitivity(lambda key: key in {"person.id_no", "person.phone", "bank.account_no"})
    yield
    set_sensitivity(None)
