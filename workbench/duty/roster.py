"""Makes a month's roster: a named function of who works, who is away, the calendar and what came before.

It is deterministic: the same input gives the same roster. The rules it keeps are in `roster_rules.py`, which
judges any roster by itself. Fairness is counted over months: whoever did least of a duty gets the next one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Any

#: Days of work in a week and in a row, at most.
MOST_IN_WEEK, MOST_IN_ROW = 5, 6
ONE = timedelta(days=1)
#: What is counted and evened out: days off worked, late shifts on working days and on days off, and so on.
DUTIES = ("off", "late", "late_off", "extended", "lunch")
#: Nobody makes up for more than so many unpopular shifts at once (new colleagues, long absences).
MOST_BEHIND = 3
#: How often the generator may try other people for a week's working days.
TRIES = 4000


@dataclass(frozen=True, slots=True)
class Rules:
    """How many people a shift takes, and what is staffed at all."""

    two_shifts: bool = True
    seven_days: bool = True
    least_work: int = 2
    least_off: int = 2
    has_lunch: bool = True
    has_extended: bool = True

    @property
    def kinds(self) -> tuple[str, ...]:
        """The shifts of a day."""
        return ("early", "late") if self.two_shifts else ("early",)

    def people(self, is_workday: bool) -> int:
        """How many come on a day."""
        if not is_workday and not self.seven_days:
            return 0
        return (self.least_work if is_workday else self.least_off) * len(self.kinds)


@dataclass(frozen=True, slots=True)
class Shift:
    """One worker in one shift of one day."""

    day: date
    kind: str
    worker: str


@dataclass
class Roster:
    """What was made: shifts, and those that stayed without somebody."""

    shifts: list[Shift] = field(default_factory=list)
    gaps: list[tuple[date, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What a month's roster is made of."""

    month: date
    workers: Sequence[str]
    is_workday: Callable[[date], bool]
    rules: Rules = Rules()
    #: (worker, day) on which somebody cannot come.
    away: frozenset[tuple[str, date]] = frozenset()
    #: Shifts of the days before, so that weeks and rows of days go on over the end of a month.
    before: Sequence[Shift] = ()
    #: duty -> worker -> how often so far.
    carried: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def make_roster(asked: Asked) -> Roster:
    """Make the roster of a month; shifts that nobody can take are listed as gaps, never forced."""
    table = _Table(asked)
    days = days_of_month(asked.month)
    for day in days:
        if not asked.is_workday(day):
            table.staff(day, table.fairest(day))
    for week in _weeks(day for day in days if asked.is_workday(day)):
        table.staff_week(week)
    roster = Roster(gaps=table.gaps)
    _deal_out(asked, table, roster, days)
    roster.shifts.sort(key=lambda one: (one.day, one.kind, one.worker))
    return roster


def days_of_month(month: date) -> list[date]:
    """List the days of a month."""
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return [first + ONE * number for number in range((after - first).days)]


def counted(shifts: Iterable[Shift], is_workday: Callable[[date], bool]) -> dict[str, Counter[str]]:
    """Count how often each worker did each duty."""
    found: dict[str, Counter[str]] = {duty: Counter() for duty in DUTIES}
    for one in shifts:
        is_off = not is_workday(one.day)
        if one.kind in ("early", "late") and is_off:
            found["off"][one.worker] += 1
        if duty := {"early": ""}.get(one.kind, "late_off" if one.kind == "late" and is_off else one.kind):
            found[duty][one.worker] += 1
    return found


def unpopular(counts: Mapping[str, Mapping[str, int]], worker: str) -> int:
    """How many unpopular shifts a worker had: weekends, holidays, extended hours."""
    return counts["off"].get(worker, 0) + counts["extended"].get(worker, 0)


class _Table:
    """Who comes on which day; shifts of the day are dealt out later."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.people: dict[date, list[str]] = {}
        self.gaps: list[tuple[date, str]] = []
        self._comes: dict[str, set[date]] = {worker: set() for worker in asked.workers}
        for one in asked.before:
            if one.worker in self._comes and one.kind in ("early", "late"):
                self._comes[one.worker].add(one.day)
        self._off, self._extended = _levelled(asked, "off"), _levelled(asked, "extended")
        self._order = {worker: number for number, worker in enumerate(asked.workers)}

    def may_come(self, worker: str, day: date) -> bool:
        """Tell whether a day breaks no rule for a worker."""
        comes = self._comes[worker]
        if day in comes or (worker, day) in self.asked.away:
            return False
        monday = day - ONE * day.weekday()
        if sum(monday + ONE * number in comes for number in range(7)) >= MOST_IN_WEEK:
            return False
        return 1 + _run(comes, day, -ONE) + _run(comes, day, ONE) <= MOST_IN_ROW

    def fairest(self, day: date) -> list[str]:
        """List who may come on a day off, whoever had fewest of them first, and of those fewest extended hours."""
        able = [worker for worker in self.asked.workers if self.may_come(worker, day)]
        return sorted(able, key=lambda one: (self._off[one], self._extended[one], self._order[one]))

    def staff(self, day: date, able: Sequence[str]) -> None:
        """Let the first so many come; what stays open is a gap."""
        wanted = self.asked.rules.people(self.asked.is_workday(day))
        self.people[day] = list(able[:wanted])
        for worker in self.people[day]:
            self._comes[worker].add(day)
            self._off[worker] += not self.asked.is_workday(day)
        kinds = self.asked.rules.kinds
        self.gaps += [(day, kinds[number % len(kinds)]) for number in range(len(self.people[day]), wanted)]

    def staff_week(self, days: Sequence[date]) -> None:
        """Staff the working days of a week; looks further when the first way leaves a gap."""
        if self._search(days, [0]):
            return
        for day in days:
            if day not in self.people:
                self.staff(day, self._rested(day))

    def _search(self, days: Sequence[date], tried: list[int]) -> bool:
        if not days:
            return True
        day, wanted = days[0], self.asked.rules.people(True)
        able = self._rested(day)
        for chosen in combinations(able, wanted):
            tried[0] += 1
            if tried[0] > TRIES:
                return False
            for worker in chosen:
                self._comes[worker].add(day)
            self.people[day] = list(chosen)
            if self._search(days[1:], tried):
                return True
            del self.people[day]
            for worker in chosen:
                self._comes[worker].discard(day)
        return False

    def _rested(self, day: date) -> list[str]:
        """List who may come on a working day, whoever has most days left in the week and the shortest row first."""
        able = [worker for worker in self.asked.workers if self.may_come(worker, day)]
        monday = day - ONE * day.weekday()

        def load(worker: str) -> tuple[int, int, int]:
            comes = self._comes[worker]
            week = sum(monday + ONE * number in comes for number in range(7))
            return week, _run(comes, day, -ONE), (self._order[worker] + day.toordinal()) % len(self._order)

        return sorted(able, key=load)


def _run(comes: set[date], day: date, step: timedelta) -> int:
    """Count the days worked in a row before or after a day."""
    count, there = 0, day + step
    while there in comes:
        count, there = count + 1, there + step
    return count


def _weeks(days: Iterable[date]) -> list[list[date]]:
    weeks: dict[date, list[date]] = {}
    for day in days:
        weeks.setdefault(day - ONE * day.weekday(), []).append(day)
    return list(weeks.values())


def _levelled(asked: Asked, *duties: str) -> Counter[str]:
    """Give what is carried over of some duties together, with nobody further behind than may be made up for."""
    carried = [asked.carried.get(duty, {}) for duty in duties]
    counts = Counter({worker: sum(duty.get(worker, 0) for duty in carried) for worker in asked.workers})
    floor = max(counts.values(), default=0) - MOST_BEHIND
    return Counter({worker: max(count, floor) for worker, count in counts.items()})


def _deal_out(asked: Asked, table: _Table, roster: Roster, days: Sequence[date]) -> None:
    """Deal out early and late, lunch desks and extended hours, each to whoever had fewest, then even out."""
    counts = {duty: _levelled(asked, duty) for duty in DUTIES}
    unpopular_so_far = _levelled(asked, "off", "extended")
    order = {worker: number for number, worker in enumerate(asked.workers)}
    people = {day: table.people.get(day, []) for day in days}
    for day in days:
        unpopular_so_far.update(people[day] if not asked.is_workday(day) else ())
    work = {day: chosen for day, chosen in people.items() if asked.is_workday(day)}
    extended = _deal(work, dict.fromkeys(work, int(asked.rules.has_extended)), unpopular_so_far, order)
    late: Dealt = {key: [] for key in days}
    if asked.rules.two_shifts:
        off = {day: chosen for day, chosen in people.items() if day not in work}
        late |= _late(work, extended, counts["late"], order) | _late(off, {}, counts["late_off"], order)
    early = {day: [worker for worker in people[day] if worker not in late[day]] for day in days}
    lunch = _deal(early, dict.fromkeys(days, int(asked.rules.has_lunch)), counts["lunch"], order)
    dealt = (("early", early), ("late", late), ("lunch", lunch), ("extended", extended))
    roster.shifts = [Shift(day, kind, who) for kind, found in dealt for day, chosen in found.items() for who in chosen]


Dealt = dict[date, list[str]]


def _late(people: Mapping[date, Sequence[str]], stays: Dealt, counts: Counter[str], order: Any) -> Dealt:
    """Deal out late shifts: whoever stays for the extended hour has one, the others of each half are chosen."""
    for chosen in stays.values():
        counts.update(chosen)
    able = {day: [one for one in chosen if one not in stays.get(day, ())] for day, chosen in people.items()}
    wanted = {day: max(len(chosen) // 2 - len(stays.get(day, ())), 0) for day, chosen in people.items()}
    others = _deal(able, wanted, counts, order)
    return {day: [*stays.get(day, ()), *chosen] for day, chosen in others.items()}


def _deal(able: Mapping[date, Sequence[str]], wanted: Mapping[date, int], counts: Counter[str], order: Any) -> Dealt:
    """Give each day's duty to so many of those who are able, whoever had fewest first; then even it out."""
    dealt: Dealt = {}
    for day, people in able.items():
        dealt[day] = sorted(people, key=lambda one: (counts[one], order[one]))[: wanted[day]]
        counts.update(dealt[day])
    while _even_out(able, dealt, counts, list(order)):
        pass
    return dealt


def _even_out(able: Mapping[date, Sequence[str]], dealt: Dealt, counts: Counter[str], workers: Sequence[str]) -> bool:
    """Hand a duty on, over others if need be, from whoever has most to one with two fewer; False when none can."""
    most = max((counts[one] for one in workers), default=0)
    for first in (one for one in workers if counts[one] == most):
        came: dict[str, tuple[str, date]] = {first: ("", date.min)}
        ways = [first]
        for giver in ways:
            if counts[giver] <= most - 2:
                _hand_on(dealt, came, giver)
                counts[first] -= 1
                counts[giver] += 1
                return True
            for day, holders in dealt.items():
                for taker in able[day] if giver in holders else ():
                    if taker not in holders and taker not in came:
                        came[taker] = (giver, day)
                        ways.append(taker)
    return False


def _hand_on(dealt: Dealt, came: Mapping[str, tuple[str, date]], last: str) -> None:
    taker = last
    while came[taker][0]:
        giver, day = came[taker]
        dealt[day][dealt[day].index(giver)] = taker
        taker = giver
