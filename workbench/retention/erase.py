"""Releasing and carrying out an erasure. A person releases, after seeing what it is; the worker process erases.

Each is one transaction; twice is safe. What stays: numbers, states, days, counts, who handled it, digests of proofs.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update
from sqlmodel import Session, col

from ..api.manifest import ItemManifest
from ..cases.models import CaseEventRow, CaseMaterialRow, CaseRow
from ..catalogue.form import form_of
from ..catalogue.freeze import frozen_item
from ..delivery.models import DeliveryRow, PayloadRow
from ..identity.audit import record
from ..people.facts import counting_ids
from ..people.mirror import MIRRORED
from ..people.models import DocumentRow, FactRow, MemberRow, MergeRow, PersonRow
from ..store.context import Context
from ..store.problems import Problem
from .contents import FILE, Of, Taken, count, digest_of, take_away
from .due import due_now
from .holds import holds_of, people_held
from .models import ErasedFileRow, ErasureRow
from .terms import Terms

Ids = dict[Of, Sequence[str]]
#: What stands where a name stood.
NOBODY = "—"
#: A fact as rules name it.
NAME = re.compile(r"[a-z_]+(?:\.[a-z_0-9]+)+")


def release(ctx: Context, terms: Terms, ids: Sequence[str], reason: str) -> int:
    """Release what is due for erasure; gives how many. Twice is safe; what is held stays on the list.

    Raises Problem without a reason, or when nothing was chosen.
    """
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明依据或理由。", "State why it may be erased.", field="reason")
    if not ids:
        raise Problem("nothing_chosen", "请至少选择一项。", "Choose at least one.", field="chosen")
    query = select(ErasureRow).where(col(ErasureRow.id).in_(ids), col(ErasureRow.hub_id) == ctx.hub.id)
    rows = list(ctx.session.scalars(query.order_by(col(ErasureRow.id)).with_for_update()))
    free = [row for row in rows if row.state == "due" and may_go(ctx.session, terms, row, ctx)]
    for row in free:
        row.state, row.released_at, row.reason = "released", ctx.clock.now(), reason.strip()[:500]
        row.released_by, row.released_name = ctx.actor.id, ctx.actor.name
        record(ctx, "erasure.release", person_id=row.person_id, subject=row.mark, purpose=row.reason)
    return len(free)


def may_go(session: Session, terms: Terms, row: ErasureRow, ctx: Context) -> bool:
    """Tell whether something is still due and nothing keeps it."""
    if not due_now(session, terms, row, ctx.clock.now()):
        return False
    if row.kind == "person":
        return not people_held(session, [row.person_id])
    return not holds_of(session, terms.known, [row.case_id])


def contents_of(session: Session, row: ErasureRow) -> dict[str, int]:
    """Tell how much an erasure would take away: rows by table."""
    if row.kind == "person":
        return count(session, _of_person(session, row.person_id))
    case = session.get_one(CaseRow, row.case_id)
    found = count(session, _of_case(session, case))
    for table, number in (("document", len(_documents(session, case))), ("fact", _count_facts(session, case))):
        if number:
            found[table] = number
    return found


def erase(ctx: Context, terms: Terms, erasure_id: str) -> bool:
    """Carry out one released erasure; tells whether it is done. What is held by now goes back to the list."""
    row = ctx.session.get_one(ErasureRow, erasure_id, with_for_update=True)
    if row.state != "released":
        return row.state == "erased"
    if not may_go(ctx.session, terms, row, ctx):
        row.state = "due"
        record(ctx, "erasure.stopped", person_id=row.person_id, subject=row.mark)
        return False
    taken = Taken()
    if row.kind == "person":
        _erase_person(ctx, row, taken)
    else:
        _erase_case(ctx, terms, row, taken)
    row.counts, row.proofs = taken.counts, taken.proofs
    row.state, row.erased_at = "erased", ctx.clock.now()
    ctx.session.add(row)
    _leave_files(ctx, taken)
    detail = {"proofs": proofs_digest(row), "rows": sum(taken.counts.values())}
    record(ctx, "erasure.done", person_id=row.person_id, subject=row.mark, detail=detail)
    return True


def proofs_digest(row: ErasureRow) -> str:
    """Give the digest over everything that stays of an erasure's proofs; it stands in the trail."""
    return hashlib.sha256(json.dumps(row.proofs, sort_keys=True).encode()).hexdigest()


def _leave_files(ctx: Context, taken: Taken) -> None:
    for digest in sorted(taken.files):
        ctx.session.merge(ErasedFileRow(digest=digest, since=ctx.clock.now()))


def _of_case(session: Session, case: CaseRow) -> Ids:
    parcels = select(col(DeliveryRow.id), col(DeliveryRow.payload_id)).where(col(DeliveryRow.case_id) == case.id)
    sent = session.execute(parcels).all()
    ids: Ids = {"case": [case.id], "parcel": [row.id for row in sent]}
    ids["form"] = _forms(session, {case.payload_id, *(row.payload_id for row in sent)} - {""})
    live = select(col(CaseRow.id)).where(
        col(CaseRow.reception_id) == case.reception_id, col(CaseRow.id) != case.id, col(CaseRow.erased_at).is_(None)
    )
    ids["visit"] = [] if session.scalar(live.limit(1)) else [case.reception_id]
    return ids


def _forms(session: Session, forms: set[str]) -> list[str]:
    """Give the frozen forms of a case with all that they took the place of."""
    found, left = set(forms), set(forms)
    while left:
        older = set(session.scalars(select(col(PayloadRow.replaces)).where(col(PayloadRow.id).in_(left))))
        left = older - found - {""}
        found |= left
    return sorted(found)


def _erase_case(ctx: Context, terms: Terms, row: ErasureRow, taken: Taken) -> None:
    session = ctx.session
    case = session.get_one(CaseRow, row.case_id, with_for_update=True)
    session.flush()
    _take_documents(ctx, case, taken)
    _take_facts(ctx, terms, case, taken)
    take_away(session, ctx.keys, _of_case(session, case), taken)
    rule = f"{row.years}|{row.said}|{row.basis}"
    session.connection().execute(
        update(CaseRow)
        .where(col(CaseRow.id) == case.id)
        .values(erased_at=ctx.clock.now(), erased_under=rule, version=CaseRow.version + 1)
    )
    session.add(
        CaseEventRow(
            case_id=case.id,
            at=ctx.clock.now(),
            kind="erased",
            actor_id=row.released_by,
            actor_name=row.released_name,
            detail={"rule": rule},
        )
    )
    session.flush()
    session.expire_all()


def _documents(session: Session, case: CaseRow) -> list[DocumentRow]:
    """Give the materials taken in for a case that no other live case of the resident uses."""
    own = select(DocumentRow).where(
        col(DocumentRow.person_id) == case.person_id,
        (col(DocumentRow.case_id) == case.id) | col(DocumentRow.id).in_(_used(col(CaseRow.id) == case.id)),
    )
    used = set(session.scalars(_used(_live_beside(case))))
    live = set(session.scalars(select(col(CaseRow.id)).where(_live_beside(case))))
    return [one for one in session.scalars(own) if one.id not in used and one.case_id not in live]


def _used(cases: ColumnElement[bool]) -> Select[Any]:
    query = select(col(CaseMaterialRow.document_id)).join(CaseRow, col(CaseRow.id) == col(CaseMaterialRow.case_id))
    return query.where(cases, col(CaseMaterialRow.document_id).is_not(None))


def _live_beside(case: CaseRow) -> ColumnElement[bool]:
    return (col(CaseRow.person_id) == case.person_id) & (col(CaseRow.id) != case.id) & col(CaseRow.erased_at).is_(None)


def _take_documents(ctx: Context, case: CaseRow, taken: Taken) -> None:
    for one in _documents(ctx.session, case):
        if one.digest:
            taken.files.add(one.digest)
            taken.proofs.setdefault("document.digest", {})[str(one.id)] = digest_of(ctx.keys, one.digest)
        taken.counts["document"] = taken.counts.get("document", 0) + 1
        ctx.session.delete(one)
    ctx.session.flush()


def _own_facts(session: Session, case: CaseRow) -> list[FactRow]:
    query = select(FactRow).where(col(FactRow.person_id) == case.person_id)
    return list(session.scalars(query.order_by(col(FactRow.id))))


def _count_facts(session: Session, case: CaseRow) -> int:
    return sum(fact.case_id == case.id for fact in _own_facts(session, case))


def _take_facts(ctx: Context, terms: Terms, case: CaseRow, taken: Taken) -> None:
    """Take away what was told for this case, but for what stands and is asked by another live case, or names them."""
    session = ctx.session
    facts = _own_facts(session, case)
    counting, needed = counting_ids(facts), MIRRORED | _asked_elsewhere(session, terms, case)
    gone = [fact for fact in facts if fact.case_id == case.id and not (fact.key in needed and fact.id in counting)]
    for fact in gone:
        taken.files |= set(FILE.findall(fact.value or fact.sealed or ""))
        session.delete(fact)
    if gone:
        taken.counts["fact"] = len(gone)
    session.flush()


def _asked_elsewhere(session: Session, terms: Terms, case: CaseRow) -> set[str]:
    """Give the keys that other live cases of the resident ask for, by their forms and their rules."""
    digests = set(session.scalars(select(col(CaseRow.item_digest)).where(_live_beside(case))))
    items = [item for digest in digests if (item := frozen_item(session, terms.known, digest)) is not None]
    return {key for item in items for key in _asked(item)}


def _asked(item: ItemManifest) -> set[str]:
    from_form = {field.fact for field in form_of(item).fields.values() if field.fact}
    return from_form | set(NAME.findall(" ".join((*item.rules, *item.exclusions))))


def _of_person(session: Session, person_id: str) -> Ids:
    people = _merged_into(session, person_id)
    return {"person": people, "home": _homes(session, people)}


def _merged_into(session: Session, person_id: str) -> list[str]:
    """Give a resident with every file that was merged into theirs."""
    found, left = {person_id}, {person_id}
    while left:
        query = select(col(MergeRow.gone_id)).where(col(MergeRow.kept_id).in_(left), col(MergeRow.undone_at).is_(None))
        left = set(session.scalars(query)) - found
        found |= left
    return sorted(found)


def _homes(session: Session, people: list[str]) -> list[str]:
    """Give the households in which nobody else is, or was, left."""
    m = MemberRow
    theirs = set(session.scalars(select(col(m.household_id)).where(col(m.person_id).in_(people))))
    shared = set(
        session.scalars(
            select(col(m.household_id)).where(col(m.household_id).in_(theirs), col(m.person_id).not_in(people))
        )
    )
    return sorted(theirs - shared)


def _erase_person(ctx: Context, row: ErasureRow, taken: Taken) -> None:
    session = ctx.session
    people = _merged_into(session, row.person_id)
    session.execute(select(col(PersonRow.id)).where(col(PersonRow.id).in_(people)).with_for_update())
    session.flush()
    take_away(session, ctx.keys, _of_person(session, row.person_id), taken)
    nobody = {"name": NOBODY, "sex": "0", "status": "merged", "merged_into": None, "erased_at": ctx.clock.now()}
    session.connection().execute(
        update(PersonRow).where(col(PersonRow.id).in_(people)).values(version=PersonRow.version + 1, **nobody)
    )
    session.expire_all()
