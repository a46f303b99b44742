"""The materials of a sitting as one list: what several forms want of the same person is shown once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from ..api.manifest import ItemMaterial
from ..cases.calendar import load_calendar
from ..cases.models import CaseMaterialRow
from ..catalogue.kin import load_roles
from ..identity.audit import record
from ..people.documents import keep_document
from ..store.context import Context
from ..store.problems import Problem
from .judge_together import Judged
from .materials import SUPPLY_DAYS, Standing, is_fit
from .sitting import CHILD, HOST, Part, Sitting, role_of

#: The one that needs somebody most comes first.
WORST = ("missing", "late", "promised", "scanned", "sighted", "have", "waived", "not_needed")


@dataclass(frozen=True)
class Wanted:
    """One material of one person, for all forms that want it."""

    name: str
    who: str
    stands: tuple[tuple[Judged, Standing], ...]

    @property
    def worst(self) -> Standing:
        return min((standing for _one, standing in self.stands), key=lambda s: (not s.blocks, WORST.index(s.state)))

    @property
    def material(self) -> ItemMaterial:
        return self.worst.material

    @property
    def state(self) -> str:
        return self.worst.state

    @property
    def is_required(self) -> bool:
        return any(standing.material.required for _one, standing in self.stands)

    @property
    def may_be_promised(self) -> bool:
        return any(standing.material.may_be_promised for _one, standing in self.stands)

    @property
    def may_be_late(self) -> bool:
        return any(standing.material.may_be_late for _one, standing in self.stands)


def materials_of(judged: Sequence[Judged]) -> dict[str, Wanted]:
    """Give every material of a sitting that is needed, by name; what is missing first."""
    whos = {one.part.who for one in judged}
    found: dict[str, tuple[str, list[tuple[Judged, Standing]]]] = {}
    for one in judged:
        for standing in one.standings:
            if standing.state != "not_needed":
                who, key = _owner(one.part, standing.material.key, whos)
                found.setdefault(f"{who}.{key}", (who, []))[1].append((one, standing))
    wanted = [Wanted(name, who, tuple(stands)) for name, (who, stands) in found.items()]
    wanted.sort(key=lambda one: (not one.worst.blocks, one.who != HOST, one.who))
    return {one.name: one for one in wanted}


def _owner(part: Part, key: str, whos: Iterable[str]) -> tuple[str, str]:
    if part.role:
        same = load_roles()[part.role].materials_of_host.get(key)
        return (HOST, same) if same else (part.who, key)
    child = f"{CHILD}1"
    same = load_roles()[CHILD].materials_of_other.get(key) if child in whos else None
    return (child, same) if same else (part.who, key)


def owner_in(ctx: Context, sitting: Sitting, person_id: str, key: str) -> tuple[str, str]:
    """Say whose paper a material of an accepted case is, as it was asked at the table."""
    roles, host = load_roles(), sitting.host.id
    if person_id != host:
        same = roles[role_of(ctx, sitting.people[person_id])].materials_of_host.get(key)
        return (host, same) if same else (person_id, key)
    others = (other for other in sitting.people.values() if other.id != host)
    child = next((other for other in others if role_of(ctx, other) == CHILD), None)
    same = roles[CHILD].materials_of_other.get(key) if child else None
    return (child.id, same) if child and same else (person_id, key)


def mark_together(ctx: Context, wanted: Wanted, state: str, **scan: Any) -> None:
    """Note for all forms at once how a material was dealt with; raises Problem where no form allows it.

    An original is seen, and a paper scanned, once; each person's file keeps it once.
    """
    fitting = [(one, standing) for one, standing in wanted.stands if is_fit(standing.material, state)]
    open_ones = [(one, s) for one, s in fitting if s.state not in ("have", "waived")]
    if not open_ones:
        raise Problem(
            "material_not_allowed",
            "该材料不能这样办理，请出示原件或上传。",
            "This material cannot be dealt with this way: show it or scan it.",
        )
    kept: dict[tuple[str, str], int | None] = {}
    supply_by = load_calendar(ctx.session).add(ctx.clock.today(), SUPPLY_DAYS) if state == "late" else None
    rows = _rows(ctx, open_ones)
    for one, standing in open_ones:
        case, key = one.part.case, standing.material.key
        row = rows.get((case.id, key)) or CaseMaterialRow(case_id=case.id, key=key, state=state)
        row.state, row.supply_by = state, supply_by
        if state in ("scanned", "sighted"):
            row.document_id = _keep(ctx, kept, case.person_id, key, case.id, scan)
        ctx.session.add(row)
    detail = {"material": wanted.name, "cases": sorted(one.part.case.id for one, _ in open_ones)}
    sitting = f"sitting:{open_ones[0][0].part.case.reception_id}"
    for person_id in sorted({one.part.case.person_id for one, _ in open_ones}):
        record(ctx, f"material.{state}", person_id=person_id, subject=sitting, detail=detail)


def _rows(ctx: Context, stands: Sequence[tuple[Judged, Standing]]) -> Mapping[tuple[str, str], CaseMaterialRow]:
    query = select(CaseMaterialRow).where(col(CaseMaterialRow.case_id).in_([one.part.case.id for one, _ in stands]))
    return {(row.case_id, row.key): row for row in ctx.session.exec(query)}


def _keep(
    ctx: Context,
    kept: dict[tuple[str, str], int | None],
    person_id: str,
    kind: str,
    case_id: str,
    scan: Mapping[str, Any],
) -> int | None:
    place = (person_id, kind)
    if place not in kept:
        content, name = scan.get("content"), scan.get("file_name", "")
        kept[place] = keep_document(ctx, person_id, kind, content, file_name=name, case_id=case_id).id
    return kept[place]
