"""Accepts a case: one transaction with the case, its frozen form, its facts, its parcels and its evidence.

After the commit nothing can be lost; before it nothing has happened. The draft's accept key makes a
second click, a second tab and the back button find the first one's case.
"""

from dataclasses import dataclass
from typing import Any

from ..cases.calendar import load_calendar
from ..cases.clock import due_on
from ..cases.models import CaseRow, DraftRow
from ..cases.moves import make_move
from ..cases.numbers import next_case_no
from ..cases.send import decides_after_opinion, send
from ..cases.steps import accepting_position, lay_steps
from ..catalogue.form import Form, form_of
from ..catalogue.freeze import freeze_item
from ..catalogue.items import Catalogue, Item
from ..delivery.enqueue import store_payload
from ..host.discover import Installed
from ..hubs.open_lines import is_open
from ..people.facts import FactInput, record_facts
from ..people.models import PersonRow
from ..store.context import Context
from ..store.problems import Problem
from .check_form import asked_sections, find_missing, find_unexplained
from .materials import Standing, files_of, settle, standings
from .prefill import own_key
from .rule_facts import known_facts, rule_facts


@dataclass
class CannotAccept(Exception):
    """The form or the materials are not complete; nothing was written."""

    problems: dict[str, Problem]
    missing: list[Standing]


@dataclass(frozen=True)
class Ready:
    """A form that was judged: what travels, how its materials stand, what hinders it."""

    item: Item
    person: PersonRow
    form: Form
    facts: dict[str, Any]
    standings: list[Standing]
    problems: dict[str, Problem]

    @property
    def missing(self) -> list[Standing]:
        return [standing for standing in self.standings if standing.blocks]


def current_item(ctx: Context, catalogue: Catalogue, installed: Installed, case: CaseRow) -> Item:
    """Give the item a form was opened for, if it may still be accepted today; raises Problem."""
    if not is_open(ctx.session, ctx.hub, installed, case.line_id):
        zh = "该条线在本站点已关闭，此表单不能受理；已填写内容已保留，请联系站点管理员。"
        en = "This line has been closed at this hub. What was typed is kept; ask your hub admin."
        raise Problem("line_closed", zh, en)
    item = catalogue.find(case.item_code, ctx.hub.division, ctx.clock.today())
    if item is None:
        zh = "该事项已停止办理，不能受理；已填写内容已保留，请改选其他事项。"
        en = "This item has been withdrawn and cannot be accepted. What was typed is kept; choose another item."
        raise Problem("item_withdrawn", zh, en)
    return item


def judge(ctx: Context, catalogue: Catalogue, installed: Installed, case: CaseRow, draft: DraftRow) -> Ready:
    """Judge a form as it stands: problems by control, materials, facts for its rules."""
    item = current_item(ctx, catalogue, installed, case)
    person = ctx.session.get_one(PersonRow, case.person_id)
    form, values = form_of(item.manifest), draft.values or {}
    facts = rule_facts(known_facts(ctx, person), person, form, values, ctx.clock.today())
    problems = find_missing(form, values, facts) | find_unexplained(values, draft.origins or {})
    return Ready(item, person, form, facts, standings(ctx, case, item.manifest, facts), problems)


def accept(
    ctx: Context, catalogue: Catalogue, installed: Installed, case: CaseRow, draft: DraftRow | None, accept_key: str
) -> CaseRow:
    """Accept a case once; the same key again gives the same case. Raises CannotAccept or Problem."""
    if case.state != "draft":
        return case
    if draft is None or draft.accept_key != accept_key:
        zh, en = (
            "表单已在另一窗口中更改，请刷新后核对再受理。",
            "The form changed in another window; reload, check, accept.",
        )
        raise Problem("stale", zh, en)
    ready = judge(ctx, catalogue, installed, case, draft)
    if ready.problems or ready.missing:
        raise CannotAccept(ready.problems, ready.missing)
    _fix(ctx, case, ready)
    case.payload_id = _freeze_form(ctx, case, draft, ready)
    make_move(ctx, case, "accept", materials=_told(ready.standings))
    lay_steps(ctx, case, ready.item.manifest)
    ctx.session.flush()
    settle(ctx, case, ready.standings)
    _remember(ctx, case, draft, ready)
    step = ready.item.manifest.steps[accepting_position(ready.item.manifest)]
    send(ctx, installed, case, ready.item.manifest, step.deliveries)
    ctx.session.delete(draft)
    return case


def _fix(ctx: Context, case: CaseRow, ready: Ready) -> None:
    """Number the case and fix what it is accepted under."""
    manifest, today = ready.item.manifest, ctx.clock.today()
    freeze_item(ctx, ready.item)
    case.case_no = next_case_no(ctx, today)
    case.accepted_at = ctx.clock.now()
    case.item_version, case.item_digest = manifest.version, ready.item.digest
    case.title_zh, case.title_en = manifest.title_zh, manifest.title_en
    case.due_on = due_on(manifest, today, load_calendar(ctx.session))


def _freeze_form(ctx: Context, case: CaseRow, draft: DraftRow, ready: Ready) -> str:
    asked = [f.key for section, _ in asked_sections(ready.form, ready.facts) for f in section.fields]
    values = {key: draft.values[key] for key in asked if draft.values.get(key) not in (None, "")}
    origins = {key: origin for key, origin in (draft.origins or {}).items() if key in values}
    content: dict[str, Any] = {"values": values, "origins": origins, "files": files_of(ready.standings)}
    if decides_after_opinion(ready.item.manifest):
        content["decide"] = "after_opinion"
    return store_payload(ctx, content).id


def _remember(ctx: Context, case: CaseRow, draft: DraftRow, ready: Ready) -> None:
    """Record what was said at the table as facts, so that it is never asked again."""
    today, origins = ctx.clock.today(), draft.origins or {}
    said = []
    for key, field in ready.form.fields.items():
        value, origin = draft.values.get(key), origins.get(key, {})
        unchanged = origin.get("held") == value and not origin.get("typed")
        if value in (None, "", []) or field.type in ("signature", "image") or unchanged:
            continue
        fact_key = field.fact or own_key(case.item_code, key)
        said.append(FactInput(fact_key, value, "word", "本人", today, origin.get("reason", "")))
    record_facts(ctx, case.person_id, said, purpose=ready.item.manifest.purpose, case_id=case.id)


def _told(found: list[Standing]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for standing in found:
        counts[standing.state] = counts.get(standing.state, 0) + 1
    return counts
