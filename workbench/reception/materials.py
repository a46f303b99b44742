"""The materials of a case: what is already there, what was seen, what may come later, what is missing.

Nothing is asked for twice: a fact a department holds waives its paper (免交), and a valid scan on
file is used again. What is left becomes the one-time notice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col

from ..api.manifest import ItemManifest, ItemMaterial
from ..api.nouns import Fact
from ..cases.calendar import load_calendar
from ..cases.models import CaseMaterialRow, CaseRow
from ..identity.audit import record
from ..people.documents import Document, documents_of, keep_document
from ..people.facts import current_facts
from ..people.means_consent import Adult
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import add, prepare, run
from .check_form import is_asked

State = Literal["missing", "have", "sighted", "scanned", "waived", "promised", "late", "not_needed"]
#: Working days in which a late paper must be supplied (容缺受理); typical, a place may state its own.
SUPPLY_DAYS = 10
#: How old a department's word may be to spare a paper.
WAIVER_FRESH = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one material stands."""

    material: ItemMaterial
    state: State
    #: Whose data spares it, or until when the scan on file is valid.
    source: str = ""
    as_of: date | None = None
    document: Document | None = None
    supply_by: date | None = None
    #: It was noted at the table; what is not is noted at accept.
    is_noted: bool = False

    @property
    def blocks(self) -> bool:
        """Tell whether the case cannot be accepted because of it."""
        return self.state == "missing" and self.material.required


@dataclass(frozen=True, slots=True)
class OnFile:
    """What may stand for a material: notes of the case by key, facts that count, valid scans by kind."""

    noted: Mapping[str, Any]
    held: Mapping[str, Fact]
    scans: Mapping[str, Document]
    adults: Sequence[Adult] = ()  # who must authorise a means check


NOTED = prepare(
    select_columns(
        *(col(getattr(CaseMaterialRow, name)) for name in ("case_id", "key", "state", "note", "supply_by"))
    ).where(col(CaseMaterialRow.case_id).in_(bindparam("cases", expanding=True)))
)


def standings(ctx: Context, case: CaseRow, item: ItemManifest, facts: Mapping[str, Any]) -> list[Standing]:
    """Say how every material of a case stands. Three queries."""
    noted, waiving = read_notes(ctx, [case.id]), waiving_facts(item)
    held = current_facts(ctx, case.person_id, waiving) if waiving else {}
    file = OnFile(noted[case.id], held, scans_among(documents_of(ctx, case.person_id)))
    return stand(item, file, facts, ctx.clock.today())


def stand(item: ItemManifest, file: OnFile, facts: Mapping[str, Any], today: date) -> list[Standing]:
    """Say how every material of an item stands, without asking the database."""
    return [_stand(material, file, facts, today) for material in item.materials]


def read_notes(ctx: Context, case_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give what was noted about materials, by case and material key. One query."""
    found: dict[str, dict[str, Any]] = {case_id: {} for case_id in case_ids}
    for row in run(ctx.session, NOTED, cases=sorted(found)):
        found[row.case_id][row.key] = row
    return found


def waiving_facts(item: ItemManifest) -> set[str]:
    """Name the facts that spare an item's papers."""
    return {material.waived_by_fact for material in item.materials if material.waived_by_fact}


def scans_among(documents: Sequence[Document]) -> dict[str, Document]:
    """Keep the newest valid scan of each kind."""
    return {one.kind: one for one in reversed(documents) if one.is_valid and one.digest}


def _stand(material: ItemMaterial, file: OnFile, facts: Mapping[str, Any], today: date) -> Standing:
    noted, document = file.noted.get(material.key), file.scans.get(material.key)
    standing = partial(Standing, material, is_noted=noted is not None)
    if is_asked(material.when, facts) is False:
        return standing("not_needed")
    if noted is not None and noted.state != "missing":
        return standing(noted.state, noted.note, document=document, supply_by=noted.supply_by)
    fact = file.held.get(material.waived_by_fact)
    if fact is not None and _spares(fact, today):
        return standing("waived", fact.source, fact.as_of or fact.recorded_at.date())
    # An application form or a signed statement is made for one case and serves no other.
    if document is not None and material.form != "form":
        return standing("have", as_of=document.valid_until, document=document)
    return standing("missing")


def _spares(fact: Fact, today: date) -> bool:
    as_of = fact.as_of or fact.recorded_at.date()
    return fact.rank == "department" and bool(fact.value) and today - as_of <= WAIVER_FRESH


def mark(ctx: Context, case: CaseRow, item: ItemManifest, key: str, state: str, **scan: Any) -> None:
    """Note how a material was dealt with at the table; `scan` is content and file_name. Raises Problem."""
    material = next((material for material in item.materials if material.key == key), None)
    if material is None or case.state not in ("draft", "correction"):
        raise Problem(
            "no_such_material", "该材料已不在清单中，请刷新页面。", "This material is no longer on the list; reload."
        )
    _refuse_unfit(material, state)
    row = ctx.session.get(CaseMaterialRow, (case.id, key)) or CaseMaterialRow(case_id=case.id, key=key, state=state)
    row.state, row.supply_by = state, None
    if state in ("scanned", "sighted"):
        content = scan.get("content")
        kept = keep_document(ctx, case.person_id, key, content, file_name=scan.get("file_name", ""), case_id=case.id)
        row.document_id = kept.id
    elif state == "late":
        row.supply_by = load_calendar(ctx.session).add(ctx.clock.today(), SUPPLY_DAYS)
    ctx.session.add(row)
    record(ctx, f"material.{state}", person_id=case.person_id, subject=f"case:{case.id}", detail={"material": key})


def is_fit(material: ItemMaterial, state: str) -> bool:
    """Tell whether a material may be dealt with in this way: promised and late only where the item allows it."""
    allowed = {"sighted", "scanned", "missing"}
    allowed |= {"promised"} if material.may_be_promised else set()
    allowed |= {"late"} if material.may_be_late or not material.required else set()
    return state in allowed


def _refuse_unfit(material: ItemMaterial, state: str) -> None:
    if not is_fit(material, state):
        zh, en = (
            "该材料不能这样办理，请出示原件或上传。",
            "This material cannot be dealt with this way: show it or scan it.",
        )
        raise Problem("material_not_allowed", zh, en)


def settle(ctx: Context, found: Mapping[str, Sequence[Standing]]) -> None:
    """Note at accept how every material of some cases stood. One statement."""
    rows = [
        {
            "case_id": case_id,
            "key": standing.material.key,
            "state": standing.state,
            "document_id": standing.document.id if standing.document else None,
            "note": standing.source,
        }
        for case_id, standings_of_case in found.items()
        for standing in standings_of_case
        if not standing.is_noted
    ]
    add(ctx.session, CaseMaterialRow, rows)


def files_of(found: Sequence[Standing]) -> list[dict[str, Any]]:
    """List the scans that travel with a case."""
    return [
        {
            "digest": standing.document.digest,
            "name": standing.document.file_name,
            "media_type": standing.document.media_type,
            "size": standing.document.size,
            "material": standing.material.key,
        }
        for standing in found
        if standing.document is not None and standing.document.digest and standing.state in ("have", "scanned")
    ]
