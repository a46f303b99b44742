"""Two files side by side: what each says, what hangs on each, and where they differ."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from ..cases.models import CaseRow
from ..people.facts import choose, read_histories
from ..people.models import DocumentRow, PersonRow
from ..people.view import age_on
from ..store.context import Context
from ..web.language import _, bilingual
from .known import OTHER, word_of, write_value

#: Compared in the heads of the two columns already.
IN_HEAD = ("person.id_no", "person.id_type", "person.phone", "item.", "consent.")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two files."""

    id: str
    name: str
    sex: str
    age: int | None
    birth_date: str
    id_no: str
    phone: str
    opened: str
    cases: int
    documents: int
    facts: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One detail of which the files say different things."""

    label: str
    left: str
    right: str


def compare(ctx: Context, left: PersonRow, right: PersonRow) -> tuple[Side, Side, list[Difference]]:
    """Put two files side by side. Three queries."""
    histories = read_histories(ctx.session, (left.id, right.id))
    cases = _count(ctx, CaseRow.person_id, left.id, right.id)
    documents = _count(ctx, DocumentRow.person_id, left.id, right.id)
    sides = [
        Side(
            id=row.id,
            name=row.name,
            sex={"1": _("Male"), "2": _("Female")}.get(row.sex, "—"),
            age=age_on(row.birth_date, ctx.clock.today()),
            birth_date=row.birth_date.isoformat() if row.birth_date else "—",
            id_no=row.id_masked,
            phone=row.phone_masked,
            opened=row.created_at.date().isoformat(),
            cases=cases.get(row.id, 0),
            documents=documents.get(row.id, 0),
            facts=len(histories.get(row.id, {})),
        )
        for row in (left, right)
    ]
    return sides[0], sides[1], _differences(histories.get(left.id, {}), histories.get(right.id, {}))


def _differences(left: Any, right: Any) -> list[Difference]:
    one, other = choose(left), choose(right)
    found = []
    for key in sorted(one.keys() & other.keys()):
        word = word_of(key)
        if key.startswith(IN_HEAD) or (word.group == OTHER and word.zh == key):
            continue
        texts = [write_value(word, side[key].value) for side in (one, other)]
        if texts[0] != texts[1]:
            sources = [f"{text} ({side[key].source})" for text, side in zip(texts, (one, other), strict=True)]
            found.append(Difference(bilingual(word.zh, word.en), *sources))
    return found


def _count(ctx: Context, column: Any, *ids: str) -> dict[str, int]:
    query = select(col(column), func.count()).where(col(column).in_(ids)).group_by(col(column))
    return {row[0]: row[1] for row in ctx.session.execute(query)}
