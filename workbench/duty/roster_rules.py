"""The stated rules of a roster, and a judge that holds any roster against them; it shares nothing with the generator.

1. Each open day has its shifts; each shift has at least as many people as the hub asks for.
2. Nobody works two shifts on one day, and nobody on a day they are away.
3. Nobody works more than five days in a week from Monday, or more than six days in a row.
4. Between the end of one day's work and the next day's beginning lie at least eleven hours.
5. The desk over lunch is staffed by one of the early shift, the extended hour of a working day by one of the
   last shift.
6. Over three months, two people who were there all the time differ by at most one unpopular shift (a weekend,
   a holiday or an extended hour).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from .roster import MOST_IN_ROW, MOST_IN_WEEK, Rules, Shift
from .shifts import Hours

REST = timedelta(hours=11)
ONE = timedelta(days=1)


def broken_rules(
    shifts: Sequence[Shift],
    days: Sequence[date],
    rules: Rules,
    hours: dict[str, Hours],
    *,
    is_workday: Callable[[date], bool],
    away: frozenset[tuple[str, date]] = frozenset(),
) -> list[str]:
    """List what a roster breaks of rules 1 to 5, in words; empty when it keeps them."""
    by_day: dict[date, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in shifts:
        by_day[one.day][one.kind].append(one.worker)
    found = [words for day in days for words in _broken_on(day, by_day[day], rules, is_workday(day))]
    works: dict[str, dict[date, str]] = defaultdict(dict)
    for one in shifts:
        if one.kind not in ("early", "late"):
            continue
        if one.day in works[one.worker]:
            found.append(f"{one.day}: {one.worker} works twice")
        if (one.worker, one.day) in away:
            found.append(f"{one.day}: {one.worker} is away")
        works[one.worker][one.day] = one.kind
    stays = {(one.worker, one.day) for one in shifts if one.kind == "extended"}
    for worker, own in works.items():
        found += [*_broken_weeks(worker, own), *_broken_rest(worker, own, stays, hours)]
    return found


def _broken_on(day: date, staffed: dict[str, list[str]], rules: Rules, is_workday: bool) -> Iterable[str]:
    is_open = is_workday or rules.seven_days
    least = rules.least_work if is_workday else rules.least_off
    for kind in rules.kinds if is_open else ():
        if len(staffed[kind]) < least:
            yield f"{day}: {kind} has {len(staffed[kind])} of {least}"
    if rules.has_lunch and is_open and len(set(staffed["lunch"]) & set(staffed["early"])) != 1:
        yield f"{day}: lunch is not staffed by one of the early shift"
    last = staffed[rules.kinds[-1]]
    if rules.has_extended and is_workday and len(set(staffed["extended"]) & set(last)) != 1:
        yield f"{day}: the extended hour is not staffed by one of the last shift"


def _broken_weeks(worker: str, own: dict[date, str]) -> list[str]:
    weeks = Counter(day - ONE * day.weekday() for day in own)
    found = [f"{monday}: {worker} works {count} days" for monday, count in weeks.items() if count > MOST_IN_WEEK]
    row = 0
    for day in sorted(own):
        row = row + 1 if day - ONE in own else 1
        if row > MOST_IN_ROW:
            found.append(f"{day}: {worker} works {row} days in a row")
    return found


def _broken_rest(
    worker: str, own: dict[date, str], stays: set[tuple[str, date]], hours: dict[str, Hours]
) -> Iterable[str]:
    for day, kind in own.items():
        then = own.get(day + ONE)
        if then is None:
            continue
        ends = hours["extended" if (worker, day) in stays else kind].ends
        rest = datetime.combine(day + ONE, hours[then].begins) - datetime.combine(day, ends)
        if rest < REST:
            yield f"{day}: {worker} rests {rest}"


def unfair_by(shifts: Iterable[Shift], workers: Sequence[str], is_workday: Callable[[date], bool]) -> int:
    """Tell by how many unpopular shifts two people differ (rule 6)."""
    had = Counter(dict.fromkeys(workers, 0))
    for one in shifts:
        if one.kind == "extended" or (one.kind in ("early", "late") and not is_workday(one.day)):
            had[one.worker] += 1
    return max(had.values()) - min(had.values())
