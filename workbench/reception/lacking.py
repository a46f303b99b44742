"""What the forms of a sitting lack, who could tell, and what becomes of the answers.

An answer is a fact of its department, kept with its day under the purpose of the items that asked. It fills
fields that are empty; beside what was typed it stands as another source, and never overwrites it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from ..api.parcels import Answer, Question
from ..catalogue.dictionary import load_dictionary
from ..catalogue.form import field_of
from ..delivery.configure import platform_settings
from ..delivery.models import PlatformRow
from ..host.discover import Installed, Platform
from ..hubs.open_lines import open_lines
from ..identity.audit import record
from ..people.check import read_name
from ..people.facts import FactInput, read_histories, record_facts
from ..people.models import PersonRow
from ..settings import Settings
from ..store.context import Context
from ..store.problems import Problem
from .judge_together import Judged
from .lookup import Call, Heard
from .questions import Question as Asked
from .questions import Use, put
from .read_form import find_unreadable
from .save_together import all_questions
from .sitting import HOST, Sitting

DAY = re.compile(r"\d{4}-\d\d-\d\d")
EMPTY: tuple[object, ...] = (None, "", [])


def plan_calls(
    ctx: Context, installed: Installed, settings: Settings, sitting: Sitting, judged: Sequence[Judged]
) -> list[Call]:
    """Give the calls that could fill what is lacking. Two queries, and the settings of each platform asked."""
    wanted = lacking(judged)
    able = _able(ctx, installed)
    health = {row.platform_id: row for row in _health(ctx, able)}
    calls = []
    for who, purposes in wanted.items():
        person = _person(sitting, who)
        if person is None or not person.id_no:
            continue
        for platform in able:
            keys = tuple(key for key in _lookups(platform) if key in purposes)
            if not keys:
                continue
            purpose = "；".join(sorted({text for key in keys for text in purposes[key]}))
            row = health.get(platform.id)
            is_down = row is not None and (row.health == "down" or row.is_paused)
            given = (
                {}
                if is_down or platform.manifest is None
                else platform_settings(ctx.session, platform.manifest, settings)
            )
            question = Question(person.name, person.id_no, keys, purpose, ctx.hub.id)
            calls.append(Call(platform, who, question, given, is_down, row.since if row else None))
    return calls


def lacking(judged: Sequence[Judged]) -> dict[str, dict[str, set[str]]]:
    """Give, by person of the sitting, the facts nobody has told yet, each with the purposes it is asked for."""
    found: dict[str, dict[str, set[str]]] = {}
    purposes = {one.part.case.id: one.item.manifest.purpose for one in judged if one.item}
    for question in all_questions(judged).values():
        best = question.best()
        if question.fact and (best.value in EMPTY or best.origin.get("is_stale")):
            asking = {purposes[use.part.case.id] for use in question.uses}
            found.setdefault(question.who, {}).setdefault(question.fact, set()).update(asking)
    for one in judged:
        if one.item is not None:
            needed = {*one.assessment.missing, *(s.material.waived_by_fact for s in one.missing)} - {""}
            for fact in needed:
                found.setdefault(one.part.who, {}).setdefault(fact, set()).add(one.item.manifest.purpose)
    return found


def _able(ctx: Context, installed: Installed) -> list[Platform]:
    """Give the platforms of open lines that answer questions."""
    lines = {line.id for line in open_lines(ctx.session, ctx.hub, installed)}
    ready = (p for p in installed.platforms if p.state == "ready" and p.manifest and p.manifest.line in lines)
    return [p for p in ready if p.manifest and p.manifest.lookups and "lookup" in p.manifest.capabilities]


def _lookups(platform: Platform) -> tuple[str, ...]:
    return platform.manifest.lookups if platform.manifest else ()


def _health(ctx: Context, platforms: Iterable[Platform]) -> Sequence[PlatformRow]:
    wanted = [platform.id for platform in platforms]
    return ctx.session.exec(select(PlatformRow).where(col(PlatformRow.platform_id).in_(wanted))).all() if wanted else ()


def _person(sitting: Sitting, who: str) -> PersonRow | None:
    if who == HOST:
        return sitting.host
    return next((part.person for part in sitting.parts if part.who == who), None)


def keep_answers(
    ctx: Context, sitting: Sitting, judged: Sequence[Judged], heard: Sequence[Heard]
) -> dict[str, list[str]]:
    """Keep every answer as a fact and put it where it is lacking; gives the filled questions by platform and person."""
    questions, filled = all_questions(judged), dict[str, list[str]]()
    for one in heard:
        person, manifest = _person(sitting, one.call.who), one.call.platform.manifest
        if person is None or manifest is None:
            continue
        known = {q.fact: q for q in questions.values() if q.who == one.call.who and q.fact}
        answers = [answer for answer in one.answers if _is_readable(answer, known.get(answer.key))]
        _record(ctx, sitting, person, manifest.name_zh, one, answers)
        filled[place_of(one)] = [
            q.name for answer in answers if (q := known.get(answer.key)) and _fill(ctx, q, answer, manifest.name_zh)
        ]
    return filled


def place_of(heard: Heard) -> str:
    """Name one call of a round."""
    return f"{heard.call.platform.id} {heard.call.who}"


def _is_readable(answer: Answer, question: Asked | None) -> bool:
    """Swapped columns, filler such as `1` and days such as `1970-1-2 0.0.0.0` are taken for nothing."""
    if answer.value in EMPTY:
        return False
    entry = load_dictionary().entries.get(answer.key)
    field = question.field if question else field_of(entry) if entry else None
    if field is None:
        return True
    if field.type == "date" and not DAY.fullmatch(str(answer.value)):
        return False
    if answer.key.endswith(".name") and not _is_name(str(answer.value)):
        return False
    return not find_unreadable({field.key: answer.value}, {field.key: field})


def _is_name(text: str) -> bool:
    try:
        return bool(read_name(text))
    except Problem:
        return False


def _record(
    ctx: Context, sitting: Sitting, person: PersonRow, source: str, heard: Heard, answers: Sequence[Answer]
) -> None:
    """Record what is new; the same word of the same day is not written twice. The look itself always is."""
    histories = read_histories(ctx.session, [person.id], {answer.key for answer in answers}) if answers else {}
    before = {
        (fact.key, fact.source, str(fact.value), fact.as_of)
        for facts in histories.get(person.id, {}).values()
        for fact in facts
    }
    fresh = [
        FactInput(a.key, a.value, "department", source, a.as_of or ctx.clock.today())
        for a in answers
        if (a.key, source, str(a.value), a.as_of or ctx.clock.today()) not in before
    ]
    purpose = heard.call.question.purpose
    record_facts(ctx, person.id, fresh, purpose=purpose)
    detail = {"platform": heard.call.platform.id, "keys": list(heard.call.question.keys), "state": heard.state}
    record(ctx, "lookup", person_id=person.id, subject=f"sitting:{sitting.id}", purpose=purpose, detail=detail)


def _fill(ctx: Context, question: Asked, answer: Answer, source: str) -> bool:
    """Fill a question in every form where it is empty; elsewhere show the answer beside what was typed."""
    as_of: date = answer.as_of or ctx.clock.today()
    found = {"value": answer.value, "source": source, "as_of": as_of.isoformat()}
    origin = {
        "rank": "department",
        "source": source,
        "as_of": as_of.isoformat(),
        "held": answer.value,
        "arrived": ctx.clock.now().isoformat(),
        "conflicts": [],
    }
    was_empty = False
    for use in question.uses:
        if use.value in EMPTY:
            put(use, answer.value, origin)
            was_empty = True
        elif use.value != answer.value:
            put(use, use.value, _beside(use, found))
        elif use.origin.get("rank") == "word" or use.origin.get("is_stale"):
            put(use, use.value, origin)
    return was_empty


def _beside(use: Use, found: Mapping[str, Any]) -> dict[str, Any]:
    others = [other for other in use.origin.get("conflicts", ()) if other.get("source") != found["source"]]
    return {**use.origin, "conflicts": [*others, dict(found)]}
