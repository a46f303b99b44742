"""Everything on file about one resident, ready to be handed out: every value ever recorded, each with its origin.

Values are whole, not masked: whoever exports states why, and the trail keeps it.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from ..cases.find import cases_of
from ..cases.models import CaseRow
from ..people.documents import documents_of
from ..people.facts import RANK_NAMES, read_history
from ..people.households import members_of
from ..people.models import FactRow, PersonRow
from ..staff.models import WorkerRow
from ..store.clock import local
from ..store.context import Context
from ..web.language import bilingual, current_locale
from .known import word_of


@dataclass(frozen=True, slots=True)
class Value:
    """One value with where it came from. `standing`: "counts", "differs" or "past"."""

    key: str
    label: str
    value: Any
    text: str
    standing: str
    rank: str
    source: str
    as_of: str
    recorded_at: str
    recorded_by: str
    purpose: str
    case_no: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResidentFile:
    """What is exported."""

    person_id: str
    name: str
    hub: str
    exported_at: str
    exported_by: str
    facts: list[Value]
    cases: list[dict[str, str]]
    documents: list[dict[str, str]]
    household: list[dict[str, str]]

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON writes it."""
        return asdict(self)


def read_file(ctx: Context, row: PersonRow) -> ResidentFile:
    """Read the whole file of a person. Five queries."""
    return ResidentFile(
        person_id=row.id,
        name=row.name,
        hub=bilingual(ctx.hub.name_zh, ctx.hub.name_en),
        exported_at=_moment(ctx.clock.now()),
        exported_by=ctx.actor.name,
        facts=_values(ctx, row.id),
        cases=[_case(line) for line in cases_of(ctx, row.id)],
        documents=[_document(one) for one in documents_of(ctx, row.id)],
        household=[_member(one) for one in (members_of(ctx, row.household_id) if row.household_id else [])],
    )


def _values(ctx: Context, person_id: str) -> list[Value]:
    query = (
        select(FactRow, col(WorkerRow.name), col(CaseRow.case_no))
        .outerjoin(WorkerRow, col(WorkerRow.id) == col(FactRow.recorded_by))
        .outerjoin(CaseRow, col(CaseRow.id) == col(FactRow.case_id))
        .where(col(FactRow.person_id) == person_id)
        .order_by(col(FactRow.key), col(FactRow.id).desc())
    )
    found = list(ctx.session.execute(query))
    standing = _standings(ctx, person_id)
    return [_value(fact, worker or "", case_no or "", standing) for fact, worker, case_no in found]


def _standings(ctx: Context, person_id: str) -> dict[tuple[Any, ...], str]:
    """Say of every value whether it counts now, differs from the one that counts, or is past."""
    found: dict[tuple[Any, ...], str] = {}
    for key, values in read_history(ctx, person_id).items():
        for place, fact in enumerate(values):
            mark = (key, fact.rank, fact.source, fact.as_of, fact.recorded_at, json.dumps(fact.value))
            differs = not fact.is_settled and fact.value != values[0].value
            found.setdefault(mark, "counts" if place == 0 else "differs" if differs else "past")
    return found


def _value(fact: FactRow, worker: str, case_no: str, standing: dict[tuple[Any, ...], str]) -> Value:
    value = json.loads((fact.value if fact.value is not None else fact.sealed) or "null")
    rank, word = RANK_NAMES[fact.rank], word_of(fact.key)
    mark = (fact.key, rank, fact.source, fact.as_of, fact.recorded_at, json.dumps(value))
    return Value(
        key=fact.key,
        label=bilingual(word.zh, word.en),
        value=value,
        text=_text(value, word.choices),
        standing=standing.get(mark, "past"),
        rank=rank,
        source=fact.source,
        as_of=fact.as_of.isoformat() if fact.as_of else "",
        recorded_at=_moment(fact.recorded_at),
        recorded_by=worker,
        purpose=fact.purpose,
        case_no=case_no,
        reason=fact.reason,
    )


def _text(value: Any, choices: Any) -> str:
    """Write a value whole, codes in words."""
    if isinstance(value, bool):
        return bilingual("是", "Yes") if value else bilingual("否", "No")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    code = choices.get(str(value))
    return code.label(current_locale()) if code else "" if value is None else str(value)


def _case(line: Any) -> dict[str, str]:
    return {
        "case_no": line.case_no or "",
        "title": bilingual(line.title_zh, line.title_en),
        "state": line.state,
        "result": line.result,
        "due_on": line.due_on.isoformat() if line.due_on else "",
        "updated_at": _moment(line.updated_at),
    }


def _document(one: Any) -> dict[str, str]:
    return {
        "kind": one.kind,
        "file_name": one.file_name,
        "digest": one.digest,
        "valid_until": one.valid_until.isoformat() if one.valid_until else "",
        "recorded_at": _moment(one.recorded_at),
    }


def _member(one: Any) -> dict[str, str]:
    relations = word_of("household.member_relation").choices
    relation = relations.get(one.relation)
    return {
        "name": one.name,
        "relation": relation.label(current_locale()) if relation else one.relation,
        "id_no": one.id_masked,
        "since": one.since.isoformat() if one.since else "",
    }


def _moment(at: Any) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}"
