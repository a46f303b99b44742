"""Numbers that pass every check and belong to nobody.

ID numbers begin with 9901xx, a division that does not exist, and use sequences from 900; phones begin
with 154, which no carrier was given; account numbers carry a bank number that was never issued.
"""

from datetime import date

from ..people.bank_account import passes_luhn
from ..people.id_number import check_character
from .chance import Chance

DIVISIONS = tuple(f"9901{number:02d}" for number in range(10))


class Numbers:
    """Gives out numbers, each once."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._used: set[str] = set()
        self._phones = 0

    def id_number(self, born: date, sex: str) -> str:
        """Make an ID number for a birth date and a sex."""
        for division in (self._chance.one_of(DIVISIONS), *DIVISIONS):
            for _ in range(50):
                sequence = 900 + 2 * self._chance.number(0, 49) + (sex == "1")
                first17 = f"{division}{born:%Y%m%d}{sequence}"
                if first17 not in self._used:
                    return self.keep(first17)
        raise ValueError(f"no ID number is left for {born}")

    def keep(self, first17: str) -> str:
        """Take a certain number out of the pool."""
        self._used.add(first17)
        return first17 + check_character(first17)

    def phone(self) -> str:
        """Make a phone number, in order."""
        self._phones += 1
        return f"154{self._phones:08d}"

    def account(self) -> str:
        """Make a card number that passes the Luhn check."""
        body = f"620000{self._chance.number(0, 10**12 - 1):012d}"
        return next(body + digit for digit in "0123456789" if passes_luhn(body + digit))
