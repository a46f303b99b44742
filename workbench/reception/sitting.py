"""One sitting: the person at the table, those they act for, and all forms that are open together.

Forms of one sitting are filled as one. A sitting ends when no form of it is open any more; the
next matter of the same person is a new one, so that no receipt holds what belongs to another day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import col, select

from ..cases.models import CaseRow, DraftRow
from ..people.models import PersonRow
from ..people.view import age_on
from ..store.context import Context
from ..store.ids import new_id
from .models import ReceptionRow

HOST = "me"
CHILD, PRINCIPAL = "child", "principal"
#: The answer of a draft that says for whom of the sitting it is.
WHO = "_who"
ADULT = 18


@dataclass
class Part:
    """One open form of a sitting, and for whom: "me", "child1", "principal1"."""

    case: CaseRow
    draft: DraftRow
    person: PersonRow
    who: str

    @property
    def role(self) -> str:
        """Name how the applicant stands to the person at the table; "" is that person."""
        return "" if self.who == HOST else self.who.rstrip("0123456789")


@dataclass
class Sitting:
    """A sitting with its open forms and its accepted cases."""

    row: ReceptionRow
    host: PersonRow
    parts: list[Part] = field(default_factory=list)
    filed: list[CaseRow] = field(default_factory=list)
    people: dict[str, PersonRow] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.row.id


def open_sitting(ctx: Context, person_id: str) -> ReceptionRow:
    """Give the sitting of this worker with this person that has open forms, or start one."""
    query = select(ReceptionRow).where(
        ReceptionRow.worker_id == ctx.actor.id,
        ReceptionRow.state == "open",
        ReceptionRow.person_id == person_id,
        ReceptionRow.hub_id == ctx.hub.id,
    )
    is_in_use = select(CaseRow.id).where(CaseRow.reception_id == ReceptionRow.id, CaseRow.state == "draft").exists()
    found = ctx.session.exec(query.where(is_in_use)).first()
    if found is None:
        found = ReceptionRow(
            id=new_id(),
            hub_id=ctx.hub.id,
            worker_id=ctx.actor.id,
            person_id=person_id,
            started_at=ctx.clock.now(),
        )
        ctx.session.add(found)
        ctx.session.flush()
    return found


def read_sitting(ctx: Context, sitting_id: str, *, lock: bool = False, anybody: bool = False) -> Sitting | None:
    """Give a sitting of this worker at this hub, with `anybody` of any worker there. Three queries."""
    row = ctx.session.get(ReceptionRow, sitting_id[:26])
    if row is None or row.hub_id != ctx.hub.id or (row.worker_id != ctx.actor.id and not anybody):
        return None
    query = (
        select(CaseRow, DraftRow)
        .outerjoin(DraftRow, col(DraftRow.case_id) == col(CaseRow.id))
        .where(CaseRow.reception_id == row.id)
        .order_by(col(CaseRow.id))
    )
    found = ctx.session.exec(query.with_for_update(of=CaseRow, key_share=True) if lock else query).all()
    wanted = {row.person_id} | {case.person_id for case, _ in found}
    people = {p.id: p for p in ctx.session.exec(select(PersonRow).where(col(PersonRow.id).in_(sorted(wanted))))}
    sitting = Sitting(row, people[row.person_id], people=people)
    for case, draft in found:
        if case.state == "draft" and draft is not None and case.owner_id == ctx.actor.id:
            who = (draft.values or {}).get(WHO, HOST)
            sitting.parts.append(Part(case, draft, people[case.person_id], who))
        elif case.case_no:
            sitting.filed.append(case)
    sitting.parts.sort(key=lambda part: (part.who != HOST, part.who, part.case.id))
    return sitting


def name_people(ctx: Context, host: PersonRow, parts: Sequence[Part], others: Sequence[PersonRow]) -> dict[str, str]:
    """Say who each person is in this sitting; whoever is in it already keeps their place."""
    names = {host.id: HOST} | {part.person.id: part.who for part in parts}
    for other in others:
        if other.id not in names:
            role = role_of(ctx, other)
            taken = sum(name.rstrip("0123456789") == role for name in names.values())
            names[other.id] = f"{role}{taken + 1}"
    return names


def role_of(ctx: Context, other: PersonRow) -> str:
    """Tell a child, whose guardian sits at the table, from an adult who sent somebody."""
    age = age_on(other.birth_date, ctx.clock.today())
    return CHILD if age is not None and age < ADULT else PRINCIPAL
