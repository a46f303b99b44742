"""Households made by chance: couples, children, elders, people alone, three generations under one roof."""

from collections.abc import Callable
from datetime import date

from .chance import Chance
from .naming import make_dotted_name, make_name, make_surname
from .numbers import Numbers
from .places import COMMUNITIES, GRIDS, STREET, grid_id
from .resident import Household, Resident

ROADS = ("梧桐路", "春晓路", "建设巷", "和平里", "文昌街", "滨河路", "新村")
#: Where residents live, by hub: the share of all of them.
SHARES = (("wutong", 0.3), ("yinxing", 0.5), ("xiangzhang", 0.2))
SON, DAUGHTER, SPOUSE, HEAD, FATHER, MOTHER = "20", "30", "10", "02", "51", "52"


class Families:
    """Makes households, one after another."""

    def __init__(self, chance: Chance, numbers: Numbers, today: date) -> None:
        self._chance = chance
        self._numbers = numbers
        self._today = today
        self._kinds: tuple[tuple[float, Callable[[], list[Resident]]], ...] = (
            (0.34, self._parents_and_children),
            (0.14, lambda: self._couple(self._year(28, 55))),
            (0.17, lambda: self._couple(self._year(60, 88))),
            (0.10, lambda: [self._person("2" if self._chance.happens(0.65) else "1", self._year(66, 96), HEAD)]),
            (0.12, lambda: [self._person(self._chance.one_of("12"), self._year(22, 60), HEAD)]),
            (0.09, self._three_generations),
            (0.04, self._single_parent),
        )

    def make(self) -> Household:
        """Make the next household."""
        chance = self._chance
        household = self.home(self._hub())
        household.members = self._members()
        household.is_local = None if chance.happens(0.05) else chance.happens(0.9)
        household.kind = chance.one_of(("urban", "urban", "urban", "rural", None))
        draw = chance.share()
        household.dibao = True if draw < 0.03 else False if draw < 0.7 else None
        if household.dibao:
            household.income = chance.number(200, 900) * 100
        elif chance.happens(0.25):
            household.income = chance.number(1500, 9000) * 100
        return household

    def home(self, hub_id: str) -> Household:
        """Make an empty household somewhere at a hub."""
        chance = self._chance
        code, community, _ = chance.one_of(COMMUNITIES[hub_id])
        community_id = STREET + code
        road, house, block = chance.one_of(ROADS), chance.number(1, 199), chance.number(1, 30)
        flat = f"{chance.number(1, 4)}单元{chance.number(1, 11)}{chance.number(1, 4):02d}室"
        address = f"示范市示范区示范街道{community}{road}{house}号{block}幢{flat}"
        grid = grid_id(community_id, chance.number(0, GRIDS - 1))
        return Household(chance.new_id(), hub_id, community_id, grid, address, [])

    def _hub(self) -> str:
        draw = self._chance.share()
        for hub_id, share in SHARES:
            if draw < share:
                return hub_id
            draw -= share
        return SHARES[0][0]

    def _members(self) -> list[Resident]:
        draw = self._chance.share()
        for share, make in self._kinds:
            if draw < share:
                return make()
            draw -= share
        return self._couple(self._year(28, 55))

    def _year(self, youngest: int, oldest: int) -> int:
        return self._today.year - self._chance.number(youngest, oldest)

    def _person(self, sex: str, year: int, relation: str, surname: str = "") -> Resident:
        chance = self._chance
        born = min(chance.day_in(year), self._today)
        ethnic = "01"
        if chance.happens(0.02) and not surname:
            name, ethnic = make_dotted_name(chance, sex)
        else:
            name = make_name(chance, surname or make_surname(chance), sex, year)
        resident = Resident(chance.new_id(), name, sex, born, relation, ethnic=ethnic)
        self._describe(resident, self._today.year - year)
        return resident

    def _describe(self, resident: Resident, age: int) -> None:
        chance = self._chance
        # A newborn often has no number yet.
        if age > 0 or chance.happens(0.6):
            resident.id_no = self._numbers.id_number(resident.birth_date, resident.sex)
        if age >= 14 and chance.happens(0.95 if age < 70 else 0.8):
            resident.phone = self._numbers.phone()
        draw = chance.share()
        resident.rank = "department" if draw < 0.75 else "document" if draw < 0.9 else "word"
        if age >= 16 and chance.happens(0.7):
            resident.account = self._numbers.account()
        draw = chance.share()
        if draw < (0.03 if age < 60 else 0.1):
            resident.disability = (chance.one_of("1234444567"), chance.one_of("1122334"))
        elif draw < 0.7:
            resident.disability = ()
        if age >= 22:
            resident.education = chance.one_of(("", "", "70", "60", "40", "30", "20"))
        self._describe_work(resident, age)

    def _describe_work(self, resident: Resident, age: int) -> None:
        chance = self._chance
        if age >= 60 or (age >= 55 and resident.sex == "2"):
            resident.has_pension = chance.one_of((True, True, True, False, None))
        elif age >= 22 and chance.happens(0.7):
            resident.employment = chance.one_of(
                ("employee", "employee", "employee", "flexible", "self_employed", "none")
            )
            resident.has_pension = False
            if resident.employment == "none" and chance.happens(0.6):
                day = self._today.toordinal() - chance.number(30, 900)
                resident.unemployed_since = date.fromordinal(day)

    def _couple(self, year: int) -> list[Resident]:
        husband = self._person("1", year, HEAD)
        wife = self._person("2", year + self._chance.number(-1, 4), SPOUSE)
        husband.spouse, wife.spouse = wife, husband
        status = "20" if self._chance.happens(0.4) else "21"
        husband.marital = wife.marital = status
        return [husband, wife]

    def _children(self, parents: list[Resident], count: int) -> list[Resident]:
        found = []
        head = parents[0]
        surname = head.name[:1] if "·" not in head.name else ""
        for _ in range(count):
            sex = self._chance.one_of("12")
            year = min(
                max(parent.birth_date.year for parent in parents) + self._chance.number(23, 34), self._today.year
            )
            child = self._person(sex, year, SON if sex == "1" else DAUGHTER, surname)
            if child.birth_date.year > self._today.year - 18:
                child.guardian = parents[-1]
            found.append(child)
        for parent in parents:
            parent.children = [*parent.children, *found]
        return found

    def _parents_and_children(self) -> list[Resident]:
        parents = self._couple(self._year(28, 58))
        return [*parents, *self._children(parents, 1 + self._chance.happens(0.3) + self._chance.happens(0.05))]

    def _single_parent(self) -> list[Resident]:
        parent = self._person(self._chance.one_of("122"), self._year(28, 50), HEAD)
        parent.marital = self._chance.one_of(("40", "40", "30"))
        return [parent, *self._children([parent], 1)]

    def _three_generations(self) -> list[Resident]:
        family = self._parents_and_children()
        head = family[0]
        year = head.birth_date.year - self._chance.number(24, 32)
        surname = head.name[:1] if "·" not in head.name else ""
        if self._chance.happens(0.6):
            family.append(self._person("1", year, FATHER, surname))
        if self._chance.happens(0.8) or len(family) < 4:
            family.append(self._person("2", year, MOTHER))
        return family
