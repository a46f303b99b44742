"""Keeps what was typed into the common form: each answer goes into every form that asks it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from ..cases.models import CaseRow
from ..catalogue.form import form_of
from ..catalogue.items import Catalogue
from ..store.context import Context
from ..store.problems import Problem
from .draft import save
from .judge_together import Judged
from .questions import Question, put, questions_of, uses_by_part
from .read_form import Reading, read_fields
from .sitting import read_sitting
from .who_sits import take_sits

Posted = MultiDict[str, str]


def all_questions(judged: Sequence[Judged]) -> dict[str, Question]:
    """Give every question of the forms that can still be filed."""
    return questions_of((one.part, one.form) for one in judged if one.stopped is None)


def save_together(ctx: Context, judged: Sequence[Judged], posted: Posted, shown_at: datetime | None) -> Reading:
    """Save a posted form and give what was read, by the names of the common form.

    An answer that arrived after the page was drawn is not wiped out by the empty control it was drawn with.
    """
    questions = all_questions(judged)
    read = read_fields(posted, {name: q.field for name, q in questions.items()}, ctx.files.put)
    _take_source(posted, questions, read)
    for case_id, own in uses_by_part(list(questions.values())).items():
        one = next(one for one in judged if one.part.case.id == case_id)
        values = {key: read.values[q.name] for key, q in own.items() if q.name in read.values}
        reasons = {key: posted.get(f"{q.name}__reason", "").strip()[:200] for key, q in own.items()}
        reading = Reading(values | _agent(one, posted))
        if not one.part.role:
            take_sits(ctx, one.part.draft, one.form, reading, posted, one.part.person.id)
        given = {key: reason for key, reason in reasons.items() if reason}
        save(ctx, one.part.draft, one.form, reading, given, shown_at)
    return read


def share_with_sitting(ctx: Context, catalogue: Catalogue, case: CaseRow, keys: Collection[str]) -> None:
    """Carry what was typed into one form over to the other open forms of its sitting that ask the same."""
    sitting = read_sitting(ctx, case.reception_id)
    if sitting is None or len(sitting.parts) < 2:
        return
    found = [(part, catalogue.find(part.case.item_code, ctx.hub.division, ctx.clock.today())) for part in sitting.parts]
    for question in questions_of((part, form_of(item.manifest)) for part, item in found if item).values():
        typed = next((use for use in question.uses if use.part.case.id == case.id and use.key in keys), None)
        for use in question.uses if typed else ():
            if typed and use.value != typed.value:
                put(use, typed.value, typed.origin)


def _agent(one: Judged, posted: Mapping[str, str]) -> dict[str, Any]:
    """Somebody who comes for the person at the table; those they act for have the table's person already."""
    asked = "_agent__asked" in posted and not one.part.role
    return {"_agent": bool(posted.get("_agent"))} if asked else {}


def _take_source(posted: Mapping[str, str], questions: Mapping[str, Question], read: Reading) -> None:
    name, _, number = posted.get("_use", "").partition(":")
    question = questions.get(name)
    others = question.best().origin.get("conflicts", []) if question else []
    if number.isdecimal() and int(number) < len(others):
        read.values[name] = others[int(number)]["value"]


def problems_together(judged: Sequence[Judged]) -> dict[str, Problem]:
    """Give the problems of all forms by the names of the common form, each once."""
    own = uses_by_part(list(all_questions(judged).values()))
    found: dict[str, Problem] = {}
    for one in judged:
        names = own.get(one.part.case.id, {})
        for place, problem in one.problems.items():
            key, dash, rest = place.partition("-")
            name = f"{names[key].name}{dash}{rest}" if key in names else place
            found.setdefault(name, problem.at(name))
    return found
