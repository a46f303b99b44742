"""A correction made once is proposed to every other open case of that person, in any line and at any hub.

Nothing is changed behind the back of whoever owns a case: they take the value or decline it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from ..catalogue.form import FormField, form_of
from ..delivery.models import PayloadRow
from ..host.discover import Installed
from ..people.facts import FactInput
from ..store.context import Context
from ..store.ids import new_id
from ..store.rows import prepare, run, run_each
from .look import item_of
from .models import CaseRow, DraftRow, ProposalRow

#: Cases whose form can still take another value.
PROPOSED_TO = ("draft", "accepted", "correction", "reviewing", "suspended")
#: The other open cases of a person with what stands in their forms.
OTHERS = prepare(
    select_columns(
        *(col(getattr(CaseRow, name)) for name in ("id", "person_id", "hub_id", "state", "item_digest")),
        col(DraftRow.values),
        col(PayloadRow.content),
    )
    .outerjoin(DraftRow, col(DraftRow.case_id) == col(CaseRow.id))
    .outerjoin(PayloadRow, col(PayloadRow.id) == col(CaseRow.payload_id))
    .where(col(CaseRow.person_id) == bindparam("person"), col(CaseRow.state).in_(PROPOSED_TO))
    .where(col(CaseRow.id) != bindparam("this"))
    .order_by(col(CaseRow.id))
)
#: Whoever has a case locked is about to write it: two who correct at once never wait for each other's cases.
_FREE = select_columns(col(CaseRow.id)).where(col(CaseRow.id) == bindparam("case"))
TOUCH = prepare(
    update(CaseRow)
    .where(col(CaseRow.id).in_(_FREE.with_for_update(skip_locked=True, key_share=True)))
    .values(updated_at=bindparam("now", type_=UTCDateTime()))
)


def propose(
    ctx: Context, installed: Installed, person_id: str, facts: Sequence[FactInput], from_case: str = ""
) -> list[ProposalRow]:
    """Propose corrected values to the other open cases that say something else; safe twice.

    A newer correction takes the place of one nobody has decided yet.
    """
    by_key = {fact.key: fact for fact in facts}
    made: list[ProposalRow] = []
    for case in run(ctx.session, OTHERS, person=person_id, this=from_case):
        for field, value in _answers(ctx, installed, case):
            fact = by_key.get(field.fact)
            if fact and _differs(field, value, fact.value):
                made.append(_make(ctx, case, field, value, fact, from_case))
    if made:
        _replace_older(ctx, made)
        ctx.session.add_all(made)
        # Lists that ask whether anything changed see it.
        run_each(ctx.session, TOUCH, [{"case": one, "now": ctx.clock.now()} for one in {row.case_id for row in made}])
    return made


def _answers(ctx: Context, installed: Installed, case: Any) -> Iterator[tuple[FormField, Any]]:
    """Give the fields of a case's form that point at a shared fact, with what stands in them."""
    values = (case.values if case.state == "draft" else (case.content or {}).get("values")) or {}
    item = item_of(ctx, installed, case)
    for field in form_of(item).fields.values() if item else ():
        if field.fact and values.get(field.key) not in (None, "", []):
            yield field, values[field.key]


def _differs(field: FormField, value: Any, corrected: Any) -> bool:
    """Values are compared as forms hold them: a day is text there."""
    return field.type not in ("signature", "image", "derived") and value != as_form_value(corrected)


def as_form_value(value: Any) -> Any:
    """Give a fact's value as forms hold it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _make(ctx: Context, case: Any, field: FormField, value: Any, fact: FactInput, from_case: str) -> ProposalRow:
    return ProposalRow(
        id=new_id(),
        case_id=case.id,
        person_id=case.person_id,
        hub_id=case.hub_id,
        field=field.key,
        key=fact.key,
        value=as_form_value(fact.value),
        was=value,
        rank=fact.rank,
        source=fact.source,
        as_of=fact.as_of or ctx.clock.today(),
        reason=fact.reason,
        from_case=from_case,
        made_at=ctx.clock.now(),
        made_by=ctx.actor.id,
        made_by_name=ctx.actor.name,
    )


def _replace_older(ctx: Context, made: Sequence[ProposalRow]) -> None:
    fields = {(row.case_id, row.field) for row in made}
    cases = {case_id for case_id, _ in fields}
    query = select(ProposalRow).where(col(ProposalRow.case_id).in_(cases), ProposalRow.state == "open")
    for row in ctx.session.exec(query).all():
        if (row.case_id, row.field) in fields:
            row.state, row.settled_at = "lapsed", ctx.clock.now()
            ctx.session.add(row)
