"""The residents that tests, journeys and guides call by name. Everything about them is department's knowledge, fresh.

张伟            wutong      M 1943  eighty and over, local, bank account on file: elder allowance in one go
李秀英          wutong      F 1958  physical disability level 1, receives dibao: both disability allowances
陈静 + 刘洋     wutong      F 1997, M 1995  married, she expects a child: birth registration
赵建国          wutong      M 1969  registered as unemployed: help for older unemployed people
黄磊 + 林芳     wutong      and their child 黄安, without ID number: first papers of a newborn
阿依古丽·买买提  yinxing     F 1986  from another province, holds a residence permit: a name with a dot
王𠮷            yinxing     M 1966  a character that old systems cannot hold
吴桂芳          xiangzhang  F 1949  says she is married where civil affairs says widowed: sources in conflict
单雄            xiangzhang  M 1978  a surname with a reading of its own (shan)
"""

from dataclasses import dataclass
from datetime import date, timedelta

from .chance import Chance
from .families import DAUGHTER, HEAD, SPOUSE, Families
from .numbers import Numbers
from .resident import Household, Resident

#: Nothing else is made up about these residents, so that a guide finds them as it says.
NAMES = (
    "张伟", "王桂兰", "李秀英", "陈静", "刘洋", "赵建国", "黄磊", "林芳", "黄安",
    "阿依古丽·买买提", "王𠮷", "吴桂芳", "单雄",
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """Makes the story households; numbers and phones are the same in every demonstration."""

    chance: Chance
    numbers: Numbers
    families: Families
    today: date

    def make(self) -> list[Household]:
        """Make all of them."""
        homes = [self._elders(), self._disabled(), self._newly_married(), self._unemployed(), self._newborn()]
        homes += [self._from_elsewhere(), self._rare(), self._conflict(), self._surname()]
        for home in homes:
            home.is_local = home.members[0].ethnic == "01"
            home.kind = "urban"
        return homes

    def _person(self, name: str, sex: str, born: date, relation: str = HEAD) -> Resident:
        """Make a resident; the number ends in the first sequence of their sex."""
        resident = Resident(self.chance.new_id(), name, sex, born, relation, disability=())
        resident.id_no = self.numbers.keep(f"990100{born:%Y%m%d}{901 if sex == '1' else 902}")
        resident.phone, resident.account = self.numbers.phone(), self.numbers.account()
        resident.education = "70" if born.year < 1970 else "40"
        resident.has_pension = born.year <= self.today.year - 63
        return resident

    def _home(self, hub_id: str, *members: Resident) -> Household:
        home = self.families.home(hub_id)
        home.members, home.dibao = list(members), False
        return home

    def _married(self, one: Resident, other: Resident) -> None:
        one.spouse, other.spouse = other, one
        one.marital = other.marital = "21"

    def _elders(self) -> Household:
        man, wife = self._person("张伟", "1", date(1943, 5, 12)), self._person("王桂兰", "2", date(1948, 9, 3), SPOUSE)
        self._married(man, wife)
        return self._home("wutong", man, wife)

    def _disabled(self) -> Household:
        woman = self._person("李秀英", "2", date(1958, 3, 8))
        woman.disability, woman.marital, woman.has_pension = ("4", "1"), "30", False
        home = self._home("wutong", woman)
        home.dibao, home.income = True, 40_000
        return home

    def _newly_married(self) -> Household:
        wife, man = self._person("陈静", "2", date(1997, 6, 15)), self._person("刘洋", "1", date(1995, 2, 20), SPOUSE)
        self._married(wife, man)
        wife.employment = man.employment = "employee"
        wife.said = (("person.pregnant_or_given_birth", True),)
        return self._home("wutong", wife, man)

    def _unemployed(self) -> Household:
        man = self._person("赵建国", "1", date(1969, 4, 2))
        man.employment, man.marital = "none", "40"
        man.unemployed_since = self.today - timedelta(days=420)
        return self._home("wutong", man)

    def _newborn(self) -> Household:
        man, wife = self._person("黄磊", "1", date(1992, 1, 18)), self._person("林芳", "2", date(1993, 10, 9), SPOUSE)
        self._married(man, wife)
        child = Resident(self.chance.new_id(), "黄安", "2", self.today - timedelta(days=40), DAUGHTER, guardian=wife)
        man.children = wife.children = [child]
        man.employment, wife.employment = "employee", "flexible"
        return self._home("wutong", man, wife, child)

    def _from_elsewhere(self) -> Household:
        woman = self._person("阿依古丽·买买提", "2", date(1986, 8, 21))
        woman.ethnic, woman.employment, woman.marital = "05", "self_employed", "10"
        return self._home("yinxing", woman)

    def _rare(self) -> Household:
        man = self._person("王𠮷", "1", date(1966, 12, 30))
        man.employment, man.marital = "employee", "10"
        return self._home("yinxing", man)

    def _conflict(self) -> Household:
        woman = self._person("吴桂芳", "2", date(1949, 7, 7))
        woman.marital, woman.said = "30", (("person.marital_status", "20"),)
        return self._home("xiangzhang", woman)

    def _surname(self) -> Household:
        man = self._person("单雄", "1", date(1978, 11, 11))
        man.employment, man.marital = "employee", "10"
        return self._home("xiangzhang", man)
