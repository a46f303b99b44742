"""Automatic lists (免申即享): who has a claim by the data, without an application; a worker confirms or leaves out.

Whoever's form is complete from what is on file becomes an accepted case at once; the others become forms to complete.
"""

from datetime import date

from sqlmodel import col, select

from ..api.nouns import Hub
from ..cases.accept import Complete, make_cases
from ..cases.models import CaseMaterialRow, CaseRow, DraftRow
from ..catalogue.form import form_of
from ..catalogue.items import Catalogue, Item
from ..host.discover import Installed
from ..people.models import PersonRow
from ..reception.draft import begin
from ..reception.judge import judge
from ..store.context import Context
from ..store.ids import new_id
from .models import AgendaLookRow, AgendaRow
from .settle import settle
from .sift import HELD, entitled


def make_list(ctx: Context, hub: Hub, item: Item, day: date) -> int:
    """Make a hub's list of an item for a month, once; gives how many stand on it. Nothing before its day."""
    automatic = item.manifest.automatic
    if automatic is None or day.day < automatic.by_day:
        return 0
    name = f"list:{hub.id}:{item.code}:{day:%Y-%m}"
    if ctx.session.get(AgendaLookRow, name) is not None:
        return 0
    ctx.session.add(AgendaLookRow(name=name, at=ctx.clock.now()))
    listed = select(AgendaRow.person_id).where(AgendaRow.hub_id == hub.id, AgendaRow.state == "open")
    listed = listed.where(AgendaRow.kind == "automatic", AgendaRow.item_code == item.code)
    waiting = set(ctx.session.exec(listed))  # on an earlier month's list that nobody has confirmed
    found = [person_id for person_id in entitled(ctx.at(hub), item, day) if person_id not in waiting]
    for person_id in found:
        row = AgendaRow(
            id=new_id(),
            mark=f"automatic:{person_id}:{item.code}:{day:%Y-%m}",
            kind="automatic",
            hub_id=hub.id,
            line_id=item.line_id,
            person_id=person_id,
            item_code=item.code,
            due_on=day,
            made_at=ctx.clock.now(),
        )
        ctx.session.add(row)
    return len(found)


def confirm(
    ctx: Context, catalogue: Catalogue, installed: Installed, rows: list[AgendaRow]
) -> tuple[list[str], list[str]]:
    """Confirm people of a list; gives the cases that were accepted, and the forms that are to be completed."""
    accepted: list[str] = []
    left: list[str] = []
    for row in rows:
        item = catalogue.find(row.item_code, ctx.hub.division, ctx.clock.today())
        if item is None or row.state != "open":
            continue
        if known := _held_by(ctx, row):
            settle(ctx, row, "taken", made_case_id=known)
            continue
        case = begin(ctx, item, ctx.session.get_one(PersonRow, row.person_id))
        ctx.session.flush()
        draft = ctx.session.get_one(DraftRow, case.id)
        ready = judge(ctx, catalogue, installed, case, draft)
        if ready.problems:
            left.append(case.id)
        else:
            _accept(ctx, installed, item, case, draft)
            accepted.append(case.id)
        settle(ctx, row, "taken", made_case_id=case.id)
    return accepted, left


def _held_by(ctx: Context, row: AgendaRow) -> str:
    """Give the case by which a person on a list has the item meanwhile; nobody gets it twice."""
    query = select(CaseRow.id).where(CaseRow.person_id == row.person_id, CaseRow.item_code == row.item_code)
    return ctx.session.exec(query.where(col(CaseRow.state).in_(HELD)).limit(1)).first() or ""


def _accept(ctx: Context, installed: Installed, item: Item, case: CaseRow, draft: DraftRow) -> None:
    """Accept without an application: the data stand for the papers, and every material says so."""
    form = form_of(item.manifest)
    values = {
        key: value for key, value in (draft.values or {}).items() if key in form.fields and value not in (None, "")
    }
    origins = {key: origin for key, origin in (draft.origins or {}).items() if key in values}
    materials = [material.key for material in item.manifest.materials]
    content = {"values": values, "origins": origins, "files": []}
    make_cases(ctx, installed, [Complete(case.id, case.person_id, item, content, {"waived": len(materials)})])
    for key in materials:
        note = "免申即享：数据核验，无需提交"
        ctx.session.merge(CaseMaterialRow(case_id=case.id, key=key, state="waived", note=note))
    ctx.session.delete(draft)
