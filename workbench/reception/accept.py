"""Accepts forms: one transaction with their cases, frozen forms, facts, parcels and evidence.

After the commit nothing can be lost; before it nothing has happened. A form's accept key makes a
second click, a second tab and the back button find the first one's case.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from ..cases.accept import Accepted, Complete, make_cases
from ..cases.models import CaseRow, DraftRow
from ..cases.send import decides_after_opinion
from ..catalogue.items import Catalogue
from ..host.discover import Installed
from ..people.corrected import corrected
from ..people.facts import FactInput, add_facts, fact_row
from ..people.models import PersonRow
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import prepare, run
from .check_form import asked_sections
from .consents import note_consents, with_given
from .judge import Applicant, Opened, Ready, judge_all
from .materials import Standing, files_of, settle
from .prefill import own_key
from .who_sits import who_came


class CannotAccept(Exception):
    """Forms or their materials are not complete; `hindered` says by case id what is wrong. Nothing was written."""

    def __init__(self, hindered: Mapping[str, Ready]) -> None:
        super().__init__(", ".join(hindered))  # what people typed stays out of logs
        self.hindered = hindered


class NotYours(LookupError):
    """This worker has no such form at this hub."""


_THEIRS = (
    col(CaseRow.id).in_(bindparam("cases", expanding=True)),
    col(CaseRow.hub_id) == bindparam("hub"),
    col(CaseRow.owner_id) == bindparam("worker"),
)
FORMS = prepare(
    select(
        *(col(getattr(CaseRow, name)) for name in ("id", "line_id", "item_code")),
        *(col(getattr(DraftRow, name)).label(f"draft_{name}") for name in ("values", "origins", "accept_key")),
        *(col(getattr(PersonRow, name)).label(f"person_{name}") for name in Applicant._fields),
    )
    .join(DraftRow, col(DraftRow.case_id) == col(CaseRow.id))
    .join(PersonRow, col(PersonRow.id) == col(CaseRow.person_id))
    .where(*_THEIRS, col(CaseRow.state) == "draft")
    .order_by(col(CaseRow.id))
    .with_for_update(of=(CaseRow, DraftRow), key_share=True)
)
DONE = prepare(
    select(
        *(col(getattr(CaseRow, name)) for name in ("id", "case_no", "line_id", "person_id", "due_on", "state"))
    ).where(*_THEIRS)
)
FORGET = prepare(delete(DraftRow).where(col(DraftRow.case_id).in_(bindparam("cases", expanding=True))))


def accept(ctx: Context, catalogue: Catalogue, installed: Installed, keys: Mapping[str, str]) -> list[Accepted]:
    """Accept forms of this worker, all or none, in the caller's transaction; gives their cases in the order of `keys`.

    `keys` names each form by its case id, with the accept key its check page carried: one form, or all of a
    sitting. The number of statements is the same for one and for many. A form that was accepted before gives
    its case with `is_new` False, so that the same call twice is harmless. Objects of the session that stand for
    these cases do not follow; refresh them.

    Raises NotYours for an id nobody may accept here, Problem when a form changed meanwhile or its line or item
    is gone, and CannotAccept with what hinders each form; then nothing may be committed.
    """
    rows = _read_forms(ctx, keys)
    done = {} if len(rows) == len(keys) else _accepted_before(ctx, keys.keys() - {row.id for row in rows})
    if any(row.draft_accept_key != keys[row.id] for row in rows):
        raise _stale()
    if rows:
        wanted = list(keys)  # parcels of one person leave in the order that was asked for
        forms = [_opened(row) for row in sorted(rows, key=lambda row: wanted.index(row.id))]
        for accepted in _accept(ctx, installed, forms, judge_all(ctx, catalogue, installed, forms)):
            done[accepted.case_id] = accepted
    return [done[case_id] for case_id in keys]


def _read_forms(ctx: Context, keys: Mapping[str, str]) -> Sequence[Any]:
    return run(ctx.session, FORMS, cases=list(keys), hub=ctx.hub.id, worker=ctx.actor.id).all()


def _opened(row: Any) -> Opened:
    person = Applicant(*(getattr(row, f"person_{name}") for name in Applicant._fields))
    return Opened(row.id, row.line_id, row.item_code, person, row.draft_values or {}, row.draft_origins or {})


def _accepted_before(ctx: Context, case_ids: Iterable[str]) -> dict[str, Accepted]:
    """Give the cases that were accepted already."""
    wanted = sorted(case_ids)
    rows = run(ctx.session, DONE, cases=wanted, hub=ctx.hub.id, worker=ctx.actor.id).all()
    if len(rows) < len(wanted):
        raise NotYours
    if any(row.state == "draft" for row in rows):
        raise _stale()
    return {row.id: Accepted(row.id, row.case_no or "", row.line_id, row.person_id, row.due_on, False) for row in rows}


def _stale() -> Problem:
    zh = "表单已在另一窗口中更改，请刷新后核对再受理。"
    return Problem("stale", zh, "The form changed in another window; reload, check, accept.")


def _accept(ctx: Context, installed: Installed, forms: Sequence[Opened], ready: Sequence[Ready]) -> list[Accepted]:
    judged = dict(zip((form.case_id for form in forms), ready, strict=True))
    hindered = {case_id: one for case_id, one in judged.items() if one.problems or one.missing}
    if hindered:
        raise CannotAccept(hindered)
    accepted = make_cases(ctx, installed, [_complete(form, judged[form.case_id]) for form in forms])
    settle(ctx, {case_id: one.standings for case_id, one in judged.items()})
    _remember(ctx, forms, judged)
    run(ctx.session, FORGET, cases=list(judged))
    return accepted


def _remember(ctx: Context, forms: Sequence[Opened], judged: Mapping[str, Ready]) -> None:
    """Record what was said at the table as facts, so that it is never asked again, and tell what it corrects."""
    now, rows = ctx.clock.now(), []
    said = {form.case_id: _said(ctx, form, judged[form.case_id]) for form in forms}
    for form in forms:
        purpose, case_id = judged[form.case_id].item.manifest.purpose, form.case_id
        rows += [
            fact_row(form.person.id, fact, now, ctx.actor.id, purpose=purpose, case_id=case_id)
            for fact in said[case_id]
        ]
    add_facts(ctx, rows)
    note_consents(ctx, [(form.case_id, judged[form.case_id].adults, form.values) for form in forms])
    for form in forms:
        held = {key for key, origin in form.origins.items() if origin.get("held") not in (None, "", [])}
        fields = judged[form.case_id].form.fields
        instead = {fields[key].fact for key in held if key in fields} - {""}
        corrected(ctx, form.person.id, [fact for fact in said[form.case_id] if fact.key in instead], form.case_id)


def _complete(form: Opened, ready: Ready) -> Complete:
    asked = [f.key for section, _ in asked_sections(ready.form, ready.facts) for f in section.fields]
    values = {key: form.values[key] for key in asked if form.values.get(key) not in (None, "")}
    values = with_given(values, ready.adults)
    origins = {key: origin for key, origin in form.origins.items() if key in values}
    content: dict[str, Any] = {"values": values, "origins": origins, "files": files_of(ready.standings)}
    if came := who_came(form.values):
        content["came"] = came
    if decides_after_opinion(ready.item.manifest):
        content["decide"] = "after_opinion"
    return Complete(form.case_id, form.person.id, ready.item, content, _told(ready.standings))


def _said(ctx: Context, form: Opened, ready: Ready) -> list[FactInput]:
    """Give what was said at the table: every answer that is not what was held already."""
    today, said = ctx.clock.today(), []
    for key, field in ready.form.fields.items():
        value, origin = form.values.get(key), form.origins.get(key, {})
        unchanged = origin.get("held") == value and not origin.get("typed")
        if value in (None, "", []) or field.type in ("signature", "image") or unchanged:
            continue
        fact_key = field.fact or own_key(form.item_code, key)
        said.append(FactInput(fact_key, value, "word", "本人", today, origin.get("reason", "")))
    return said


def _told(found: Sequence[Standing]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for standing in found:
        counts[standing.state] = counts.get(standing.state, 0) + 1
    return counts
