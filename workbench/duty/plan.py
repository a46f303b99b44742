"""Works out who covers whom and when, from posts, absences and named thirds: a pure function of what is written down.

The rule, for one line and one moment of an absence: a third named for that day; else the other post of the
line (B for A, A for B); for work on a line where one holds no post, A, then B. Whoever is away or gone is
passed over. When nobody is left, the span is a gap, and a hub admin is told as soon as it is known.

Review, policy and approval are no line's: whoever else holds the role goes on with them. Only where no colleague
with it is here does a third stand in, or is there a gap.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from ..store.clock import SHANGHAI

ONE = timedelta(days=1)
#: Stands for a line in spans of work behind the table; no line can be called so.
BEHIND = "behind.table"
#: A role behind the table -> the roles that can do its steps.
STANDS_FOR = {"reviewer": ("reviewer", "approver"), "policy": ("policy",), "approver": ("approver",)}


@dataclass(frozen=True, slots=True)
class Away:
    """One absence."""

    id: str
    worker_id: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, moment: datetime) -> bool:
        """Tell whether the worker is away at a moment."""
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Post:
    """A and B of one line; `may_settle` is about B."""

    a: str
    b: str
    may_settle: bool = True


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a role behind the table, for one line or for all (""), for good or for a time."""

    worker_id: str
    role: str
    line_id: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Tell whether the role is held at a moment."""
        return (self.starts_at is None or self.starts_at <= moment) and (self.ends_at is None or moment < self.ends_at)


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of an absence in which one person, or nobody (""), holds the work of one line, or of BEHIND."""

    line_id: str
    to_id: str
    starts_at: datetime
    ends_at: datetime
    may_settle: bool = True


@dataclass(frozen=True)
class Staffing:
    """What a hub's plan is made of."""

    posts: Mapping[str, Post]
    aways: Sequence[Away]
    #: (absence, line or "", day) -> who stands in.
    thirds: Mapping[tuple[str, str, date], str]
    #: Those who work here.
    present: frozenset[str]
    #: Who holds a role behind the table.
    behind: Sequence[Holder] = ()


def plan_cover(away: Away, lines: Iterable[str], staffing: Staffing) -> list[Segment]:
    """Cut an absence, line by line, into spans with one holder each; together they are the whole absence."""
    return [segment for line_id in sorted(set(lines)) for segment in _plan_line(away, line_id, staffing)]


def plan_behind(away: Away, staffing: Staffing) -> list[Segment]:
    """Cut an absence into the spans in which a third does its work behind the table, or nobody can."""
    ends = {moment for one in staffing.behind for moment in (one.starts_at, one.ends_at) if moment is not None}
    cuts = {*_cuts(away, staffing), *(moment for moment in ends if away.starts_at < moment < away.ends_at)}
    segments: list[Segment] = []
    for starts_at, ends_at in itertools.pairwise(sorted(cuts)):
        to_id = _stands_behind(away, starts_at, staffing)
        if to_id is None:
            continue
        if segments and (segments[-1].to_id, segments[-1].ends_at) == (to_id, starts_at):
            segments[-1] = replace(segments[-1], ends_at=ends_at)
        else:
            segments.append(Segment(BEHIND, to_id, starts_at, ends_at))
    return segments


def _stands_behind(away: Away, moment: datetime, staffing: Staffing) -> str | None:
    """Name the third behind the table at a moment, "" for nobody, None where no one is needed."""
    own = [one for one in staffing.behind if one.worker_id == away.worker_id and one.holds(moment)]
    if not own:
        return None
    here = staffing.present - {one.worker_id for one in staffing.aways if one.covers(moment)} - {away.worker_id}
    third = staffing.thirds.get((away.id, "", moment.astimezone(SHANGHAI).date()), "")
    if third in here:
        return third
    others = [one for one in staffing.behind if one.worker_id in here and one.holds(moment)]
    return None if all(any(_can(other, one) for other in others) for one in own) else ""


def _can(other: Holder, one: Holder) -> bool:
    return other.role in STANDS_FOR[one.role] and other.line_id in ("", one.line_id)


def _plan_line(away: Away, line_id: str, staffing: Staffing) -> list[Segment]:
    cuts = _cuts(away, staffing)
    segments: list[Segment] = []
    for starts_at, ends_at in itertools.pairwise(cuts):
        to_id = holder_at(away, line_id, starts_at, staffing)
        post = staffing.posts.get(line_id)
        found = Segment(line_id, to_id, starts_at, ends_at, post is None or to_id != post.b or post.may_settle)
        if segments and (segments[-1].to_id, segments[-1].may_settle) == (to_id, found.may_settle):
            segments[-1] = replace(segments[-1], ends_at=ends_at)
        else:
            segments.append(found)
    return segments


def holder_at(away: Away, line_id: str, moment: datetime, staffing: Staffing) -> str:
    """Name who holds the work of somebody away at a moment, "" for nobody."""
    gone = {one.worker_id for one in staffing.aways if one.covers(moment)} | {away.worker_id}
    for candidate in _candidates(away, line_id, moment, staffing):
        if candidate in staffing.present and candidate not in gone:
            return candidate
    return ""


def _candidates(away: Away, line_id: str, moment: datetime, staffing: Staffing) -> list[str]:
    day = moment.astimezone(SHANGHAI).date()
    named = [staffing.thirds.get((away.id, line, day), "") for line in (line_id, "")]
    post = staffing.posts.get(line_id)
    return named + ([post.a, post.b] if post else [])


def _cuts(away: Away, staffing: Staffing) -> list[datetime]:
    """List the moments at which the holder may change, the first and the last of the absence among them."""
    cuts = {away.starts_at, away.ends_at}
    for one in staffing.aways:
        cuts |= {one.starts_at, one.ends_at}
    for absence_id, _, day in staffing.thirds:
        if absence_id == away.id:
            cuts |= {midnight(day), midnight(day + ONE)}
    return sorted(cut for cut in cuts if away.starts_at <= cut <= away.ends_at)


def midnight(day: date) -> datetime:
    """Give the moment a day begins at the hub."""
    return datetime.combine(day, time(), SHANGHAI)
