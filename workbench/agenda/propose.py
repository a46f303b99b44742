"""Proposes what follows from a concluded case: consequences elsewhere, the next re-check, a sample for the policy post.

Nothing is done by itself: a worker takes or dismisses it. Looking twice proposes once.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from ..api.manifest import Consequence, ItemManifest
from ..cases.calendar import load_calendar
from ..cases.models import CaseRow
from ..catalogue.freeze import frozen_item
from ..catalogue.items import Catalogue
from ..people.models import PersonRow
from ..reception.rule_facts import NOTHING_ASKED, known_facts, rule_facts
from ..rules.errors import RuleError
from ..rules.parse import parse
from ..store.clock import local
from ..store.context import Context
from ..store.ids import new_id
from .models import AgendaLookRow, AgendaRow

LOOK = "concluded"
#: A transaction that began earlier may commit later: each look goes back this far.
OVERLAP = timedelta(hours=1)
#: How far back it goes once the clock was set back.
LOOK_BACK = timedelta(days=7)
BATCH = 200
#: Working days until a consequence is to be settled, and until a sample is read [typical].
SETTLE_DAYS, SAMPLE_DAYS = 5, 10
#: One decided case in so many is read by the policy post [typical].
ONE_IN = 20


def look_at_concluded(ctx: Context, catalogue: Catalogue) -> bool:
    """Propose what follows from the next concluded cases; tells whether there may be more."""
    look, now = ctx.session.get(AgendaLookRow, LOOK, with_for_update=True), ctx.clock.now()
    if look is not None and look.at > now + 2 * OVERLAP:  # the clock was set back; nothing is proposed twice
        look.at = now - LOOK_BACK
    since = look.at - OVERLAP if look else datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    between = col(CaseRow.concluded_at).between(since, now + OVERLAP)
    query = select(CaseRow).where(between, col(CaseRow.result) != "")
    cases = list(ctx.session.exec(query.order_by(col(CaseRow.concluded_at), col(CaseRow.id)).limit(BATCH)))
    for case in cases:
        if item := frozen_item(ctx.session, catalogue, case.item_digest):
            propose_after(ctx, case, item)
    if cases and cases[-1].concluded_at:
        newest = cases[-1].concluded_at
        newest = newest + OVERLAP if len(cases) == BATCH else newest
        if look is None:
            ctx.session.add(AgendaLookRow(name=LOOK, at=newest))
        else:
            look.at = max(look.at, newest)
    return len(cases) == BATCH


def propose_after(ctx: Context, case: CaseRow, item: ItemManifest) -> None:
    """Propose what follows from one concluded case."""
    day = local(case.concluded_at).date() if case.concluded_at else ctx.clock.today()
    if is_sampled(case.id):
        due = load_calendar(ctx.session).add(day, SAMPLE_DAYS)
        propose(ctx, case, "sample", case.item_code, due, "抽查已办结的办件。", "Read this decided case.")
    if case.result != "granted":
        return
    if item.recheck is not None:
        due = add_months(day, item.recheck.every_months)
        visit = "；行动不便的上门核查。" if item.recheck.visit else "。"
        visit_en = "; visit those who cannot come." if item.recheck.visit else "."
        propose(ctx, case, "recheck", case.item_code, due, f"定期复核{visit}", f"Look at it again{visit_en}")
    facts = _facts(ctx, case) if item.consequences else {}
    for one in item.consequences:
        if _applies(one, facts):
            due = load_calendar(ctx.session).add(day, SETTLE_DAYS)
            propose(ctx, case, one.kind, one.item, due, one.note, one.note_en)


def is_sampled(case_id: str) -> bool:
    """Tell whether a case is in the sample: decided by its id, so that nobody can choose."""
    return int(hashlib.sha256(case_id.encode()).hexdigest(), 16) % ONE_IN == 0


def propose(
    ctx: Context, case: CaseRow, kind: str, item_code: str, due: date, note_zh: str = "", note_en: str = ""
) -> None:
    """Write a proposal once."""
    mark = f"{kind}:{case.id}:{item_code}"
    if ctx.session.exec(select(AgendaRow.id).where(AgendaRow.mark == mark)).first():
        return
    ctx.session.add(
        AgendaRow(
            id=new_id(),
            mark=mark,
            kind=kind,
            hub_id=case.hub_id,
            line_id=case.line_id,
            person_id=case.person_id,
            item_code=item_code,
            case_id=case.id,
            due_on=due,
            note_zh=note_zh,
            note_en=note_en,
            made_at=ctx.clock.now(),
        )
    )


def _facts(ctx: Context, case: CaseRow) -> Mapping[str, Any]:
    person = ctx.session.get_one(PersonRow, case.person_id)
    return rule_facts(known_facts(ctx, person), person, NOTHING_ASKED, {}, ctx.clock.today())


def _applies(one: Consequence, facts: Mapping[str, Any]) -> bool:
    """What is not known is proposed: a worker decides."""
    if not one.when:
        return True
    try:
        return parse(one.when).decide(facts) is not False
    except RuleError:
        return True


def add_months(day: date, months: int) -> date:
    """Give the same day so many months on, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))
