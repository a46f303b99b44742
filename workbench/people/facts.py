"""Facts: values with where they came from. Nothing is ever overwritten; a written rule chooses.

The rule: an authoritative department outweighs a document seen, and that outweighs the resident's
word; within a rank the value that is true of a later day wins, then the one recorded later.
A stronger value is never hidden by a weaker one, and what differs is shown side by side. Where a person
settled a conflict, the value chosen counts before everything known until then; what a source says anew
after that contends again, what it merely repeats does not.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from ..api.nouns import Fact
from ..store.clock import local
from ..store.context import Context
from ..store.rows import add, prepare, run
from .mirror import MIRRORED, mirror
from .models import FactRow, PersonRow
from .sensitivity import is_sensitive

Rank = Literal["department", "document", "word"]
RANKS: Mapping[Rank, int] = {"word": 1, "document": 2, "department": 3}
RANK_NAMES: Mapping[int, Rank] = {number: rank for rank, number in RANKS.items()}
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=date.isoformat)
#: All values of each key, the one that counts first.
History = dict[str, list[Fact]]


@dataclass(frozen=True, slots=True)
class FactInput:
    """One value to record. `value` is anything JSON can say, or a date."""

    key: str
    value: Any
    rank: Rank = "word"
    source: str = "本人"
    as_of: date | None = None
    reason: str = ""  # why a stronger value was overruled, or why this one was chosen
    settles: bool = False  # chosen by a person among values that differ


def record_facts(
    ctx: Context, person_id: str, facts: Sequence[FactInput], *, purpose: str = "", case_id: str = ""
) -> None:
    """Add facts to what is known of a person; columns that lists show follow the value that now counts."""
    now, actor = ctx.clock.now(), ctx.actor.id
    add_facts(ctx, [fact_row(person_id, fact, now, actor, purpose=purpose, case_id=case_id) for fact in facts])


def add_facts(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add facts made by `fact_row`, of one person or several. One statement, unless a column has to follow."""
    add(ctx.session, FactRow, rows)
    touched: dict[str, set[str]] = {}
    for row in rows:
        if row["key"] in MIRRORED:
            touched.setdefault(row["person_id"], set()).add(row["key"])
    for person in lock_people(ctx, touched):  # of two who add facts the later one sees what both said
        current = current_facts(ctx, person.id, touched[person.id])
        mirror(ctx, person, {key: fact.value for key, fact in current.items()})


def lock_people(ctx: Context, person_ids: Iterable[str]) -> list[PersonRow]:
    """Give files as they stand now, locked until the transaction ends, always in the same order."""
    if not (wanted := sorted(person_ids)):
        return []
    query = select(PersonRow).where(col(PersonRow.id).in_(wanted)).order_by(col(PersonRow.id))
    return list(ctx.session.exec(query.with_for_update(key_share=True)))


def fact_row(
    person_id: str,
    fact: FactInput,
    now: datetime,
    actor_id: str,
    *,
    purpose: str = "",
    case_id: str = "",
    withdraws: int | None = None,
) -> dict[str, Any]:
    """Give the columns of one fact; a sensitive value goes to the sealed one."""
    text = _JSON.encode(fact.value)
    sealed = is_sensitive(fact.key)
    return {
        "person_id": person_id,
        "key": fact.key,
        "value": None if sealed else text,
        "sealed": text if sealed else None,
        "rank": RANKS[fact.rank],
        "source": fact.source,
        "as_of": fact.as_of,
        "recorded_at": now,
        "recorded_by": actor_id,
        "purpose": purpose,
        "case_id": case_id,
        "reason": fact.reason,
        "settles": fact.settles,
        "withdraws": withdraws,
    }


_COLUMNS = (
    "id", "person_id", "key", "value", "sealed", "rank", "source", "as_of", "recorded_at", "settles", "withdraws",
)  # fmt: skip
_FACTS = select_columns(*(col(getattr(FactRow, name)) for name in _COLUMNS))
_NAMED = col(FactRow.key).in_(bindparam("keys", expanding=True))
_PEOPLES = _FACTS.where(col(FactRow.person_id).in_(bindparam("people", expanding=True)))
_OF_ONE = _FACTS.where(col(FactRow.person_id) == bindparam("person"))
PEOPLES, PEOPLES_SOME = prepare(_PEOPLES), prepare(_PEOPLES.where(_NAMED))
ALL, SOME = prepare(_OF_ONE), prepare(_OF_ONE.where(_NAMED))


def current_facts(ctx: Context, person_id: str, keys: Iterable[str] | None = None) -> dict[str, Fact]:
    """Give the value that counts for each key; all keys when none are named. One query."""
    return _counting(_read(ctx, person_id, keys))


def peoples_facts(ctx: Context, person_ids: Iterable[str], keys: Iterable[str]) -> dict[str, dict[str, Fact]]:
    """Give the value that counts for each of these keys, of several people, by person. One query."""
    rows: dict[str, list[Any]] = {person_id: [] for person_id in person_ids}
    for row in run(ctx.session, PEOPLES_SOME, people=sorted(rows), keys=sorted(keys)):
        rows[row.person_id].append(row)
    return {person_id: _counting(found) for person_id, found in rows.items()}


def _counting(rows: Iterable[Any]) -> dict[str, Fact]:
    """Take the value that counts for each key; no other is opened, unless a conflict was settled."""
    ordered = sorted(standing(list(rows)), key=_strength)
    found = {key: _view(row) for key, row in {row.key: row for row in ordered}.items()}
    for key in {row.key for row in ordered if row.settles}:
        found[key] = _in_order([row for row in reversed(ordered) if row.key == key])[0]
    return found


def _read(ctx: Context, person_id: str, keys: Iterable[str] | None) -> Iterable[Any]:
    if keys is None:
        return run(ctx.session, ALL, person=person_id)
    return run(ctx.session, SOME, person=person_id, keys=sorted(keys))


def read_history(ctx: Context, person_id: str, keys: Iterable[str] | None = None) -> History:
    """Give every value ever recorded, by key, the one that counts first. One query."""
    return _by_key(_read(ctx, person_id, keys))


def read_histories(
    session: Session, person_ids: Iterable[str], keys: Iterable[str] | None = None
) -> dict[str, History]:
    """Give every value ever recorded of several people, by person; all keys when none are named. One query."""
    people, found = sorted(person_ids), dict[str, list[Any]]()
    if keys is None:
        rows = run(session, PEOPLES, people=people)
    else:
        rows = run(session, PEOPLES_SOME, people=people, keys=sorted(keys))
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return {person_id: _by_key(rows) for person_id, rows in found.items()}


def _by_key(rows: Iterable[Any]) -> History:
    found: dict[str, list[Any]] = {}
    for row in sorted(standing(list(rows)), key=_strength, reverse=True):
        found.setdefault(row.key, []).append(row)
    return {key: _in_order(values) for key, values in found.items()}


def standing(rows: list[Any]) -> list[Any]:
    """Leave out what was withdrawn, and the rows that say so."""
    gone = {row.withdraws for row in rows if row.withdraws is not None}
    return [row for row in rows if row.withdraws is None and row.id not in gone] if gone else rows


def counting_ids(rows: list[Any]) -> set[int]:
    """Give the ids of the rows that count, key by key; where a person settled a conflict, of all that stand."""
    ordered = sorted(standing(rows), key=_strength)
    settled = {row.key for row in ordered if row.settles}
    last = {row.key: row.id for row in ordered}
    return {row.id for row in ordered if row.key in settled or last[row.key] == row.id}


def withdraw_facts(ctx: Context, person_id: str, fact_ids: Iterable[int], reason: str) -> None:
    """Take facts of a person back: they stay on file and count no more. What is withdrawn already stays so."""
    wanted = select(FactRow).where(col(FactRow.person_id) == person_id)
    rows = {row.id: row for row in ctx.session.exec(wanted)}
    gone = {row.withdraws for row in rows.values()}
    taken = [rows[one] for one in fact_ids if one in rows and one not in gone]
    said = [FactInput(row.key, None, RANK_NAMES[row.rank], row.source, row.as_of, reason) for row in taken]
    now, actor = ctx.clock.now(), ctx.actor.id
    made = [
        fact_row(person_id, one, now, actor, purpose="withdraw", withdraws=row.id)
        for one, row in zip(said, taken, strict=True)
    ]
    if not made:
        return
    add_facts(ctx, made)
    if any(row.key == "person.phone" for row in taken) and not current_facts(ctx, person_id, ["person.phone"]):
        mirror(ctx, ctx.session.get_one(PersonRow, person_id), {"person.phone": ""})


def _in_order(rows: list[Any]) -> list[Fact]:
    """Put the value that counts first: the strongest, but what was settled comes before what was known by then."""
    if not any(row.settles for row in rows):
        return [_view(row) for row in rows]
    last = max((row for row in rows if row.settles), key=lambda row: row.id)
    known = {(row.rank, row.source, _text(row)) for row in rows if row.id < last.id}
    live = [
        row for row in rows if row is last or (row.id > last.id and (row.rank, row.source, _text(row)) not in known)
    ]
    past = [row for row in rows if row not in live]
    return [_view(row) for row in live] + [replace(_view(row), is_settled=True) for row in past]


def choose(history: Mapping[str, Sequence[Fact]]) -> dict[str, Fact]:
    """Take the value that counts for each key."""
    return {key: values[0] for key, values in history.items()}


def conflicts(ctx: Context, person_id: str, keys: Iterable[str] | None = None) -> History:
    """Give the keys whose sources disagree now, with what each of them says, strongest first. One query."""
    return differing(read_history(ctx, person_id, keys))


def differing(history: Mapping[str, Sequence[Fact]]) -> History:
    """Keep the keys whose sources disagree; of one source only its latest word counts."""
    found: History = {}
    for key, values in history.items():
        latest: dict[tuple[str, str], Fact] = {}
        for fact in values:
            if not fact.is_settled:
                latest.setdefault((fact.rank, fact.source), fact)
        if any(fact.value != values[0].value for fact in latest.values()):
            found[key] = list(latest.values())
    return found


def _strength(row: Any) -> tuple[int, date, datetime, int]:
    return (row.rank, row.as_of or local(row.recorded_at).date(), row.recorded_at, row.id or 0)


def _view(row: Any) -> Fact:
    value = json.loads(_text(row) or "null")
    return Fact(row.key, value, RANK_NAMES[row.rank], row.source, row.as_of, row.recorded_at)


def _text(row: Any) -> str | None:
    text: str | None = row.value if row.value is not None else row.sealed
    return text
