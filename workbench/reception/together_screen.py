"""What the common form and its check show: questions by subject, the forms with what hinders each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue.dictionary import load_dictionary
from ..catalogue.kin import load_roles
from ..store.problems import Problem
from ..web.language import bilingual, current_locale
from .check_form import overrules
from .judge_together import Judged
from .materials_together import Wanted
from .order import hindered_of, is_doubtful
from .questions import Question, place_of
from .save_together import all_questions
from .screen import draw_field, words
from .screen import error_list as named_errors
from .sitting import HOST, Part, Sitting

Problems = Mapping[str, Problem]
CHECKED_WHEN_LEFT = ("id_no", "phone", "bank", "date", "number", "money", "month", "year")


@dataclass(frozen=True)
class Answers:
    """The answer that counts for each question, as a form of one item holds its own."""

    values: dict[str, Any]
    origins: dict[str, Any]


def answers_of(questions: Mapping[str, Question]) -> Answers:
    """Take the answer that counts for each question."""
    best = {name: question.best() for name, question in questions.items()}
    return Answers(
        {name: use.value for name, use in best.items()}, {name: dict(use.origin) for name, use in best.items()}
    )


def draw_together(sitting: Sitting, judged: Sequence[Judged], problems: Problems) -> list[dict[str, Any]]:
    """Give the sections of the common form: who first, then each subject, what one item alone asks last."""
    questions, musts = all_questions(judged), _asked_now(judged)
    answers, sections = answers_of(questions), dict[str, dict[str, Any]]()
    for name, question in sorted(questions.items(), key=lambda one: place_of(one[1].fact)):
        if name not in musts:
            continue
        key, title = _section(sitting, judged, question)
        section = sections.setdefault(key, {"key": key.replace(".", "-"), "title": title, "fields": []})
        drawn: Any = answers
        section["fields"].append(draw_field(question.field, drawn, problems, must=musts[name]))
    return [sections[key] for key in sorted(sections, key=_place)]


def _asked_now(judged: Sequence[Judged]) -> dict[str, bool]:
    """Give the questions that some form asks now, each with whether one of them needs the answer."""
    by_field = {(use.part.case.id, use.key): name for name, q in all_questions(judged).items() for use in q.uses}
    musts: dict[str, bool] = {}
    for one in judged:
        for asked, must in one.asked():
            name = by_field[one.part.case.id, asked.key]
            musts[name] = musts.get(name, False) or must
    return musts


def _section(sitting: Sitting, judged: Sequence[Judged], question: Question) -> tuple[str, str]:
    if not question.group:
        use = question.uses[0]
        title = bilingual(use.part.case.title_zh, use.part.case.title_en)
        whose = whose_words(sitting, use.part.who)
        return f"item.{use.part.case.id}", f"{title} · {whose}" if whose else title
    group = load_dictionary().groups[question.group]
    title, whose = bilingual(group.label_zh, group.label_en), whose_words(sitting, question.who)
    return f"{question.who}.{question.group}", f"{title} · {whose}" if whose else title


def _place(key: str) -> tuple[bool, bool, bool]:
    """Sections in the order of a talk: who sits here, whom it is about, then the rest as it comes."""
    who, _, group = key.partition(".")
    return who == "item", group != "person", who != HOST


def whose_words(sitting: Sitting, who: str) -> str:
    """Say whom a part is about; nothing for the person at the table."""
    part = next((part for part in sitting.parts if part.who == who), None)
    return person_words(sitting, part) if part and who != HOST else ""


def person_words(sitting: Sitting, part: Part) -> str:
    """Say for whom a form is, with how they stand to the person at the table."""
    if not part.role:
        return part.person.name
    role = load_roles()[part.role]
    return f"{part.person.name} ({bilingual(role.title_zh, role.title_en)})"


def draw_parts(sitting: Sitting, judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Give the matters of a sitting in the order of filing, each with what hinders it and what to do."""
    hindered = hindered_of(judged)
    titles = {one.part.case.id: bilingual(one.part.case.title_zh, one.part.case.title_en) for one in judged}
    names = {(use.part.case.id, use.key): name for name, q in all_questions(judged).items() for use in q.uses}
    drawn = []
    for one in judged:
        case = one.part.case
        drawn.append(
            {
                "id": case.id,
                "code": case.item_code,
                "title": titles[case.id],
                "department": one.item.manifest.department if one.item else "",
                "person": person_words(sitting, one.part),
                "verdict": one.assessment.verdict,
                "has_rules": bool(one.assessment.clauses),
                "unmet": [bilingual(c.text_zh, c.text_en) for c in one.assessment.clauses if c.verdict is False],
                "accept_key": one.part.draft.accept_key,
                "is_ready": case.id not in hindered,
                "is_doubtful": is_doubtful(one),
                "stopped": one.stopped.text(current_locale()) if one.stopped else "",
                "problems": _problem_links(one, names),
                "missing": [bilingual(s.material.name, s.material.name_en) for s in one.missing],
                "after": [titles[case_id] for case_id in one.after],
                "waits_for": [titles[case_id] for case_id in one.after if case_id in hindered],
            }
        )
    return drawn


def _problem_links(one: Judged, names: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    found = []
    for place, problem in one.problems.items():
        key, dash, rest = place.partition("-")
        name = names.get((one.part.case.id, key), key)
        found.append((f"f-{name}{dash}{rest}".replace(".", "-"), _named(one, key, problem)))
    return found


def _named(one: Judged, key: str, problem: Problem) -> str:
    asked, text = one.form.fields.get(key), problem.text(current_locale())
    if asked is None or problem.code in ("missing", "unsigned"):
        return text
    return f"{bilingual(asked.label_zh, asked.label_en)}{bilingual('：', ': ')}{text}"


def error_list(judged: Sequence[Judged], problems: Problems) -> list[tuple[str, str]]:
    """Give control names and texts for the list above the form, each text naming its question."""
    questions = all_questions(judged)
    return named_errors({name: question.field for name, question in questions.items()}, problems)


def draw_answers(sitting: Sitting, judged: Sequence[Judged], form_url: str) -> list[dict[str, Any]]:
    """Give every answer once for reading to the resident, with its source, its day and what it overrules."""
    musts, groups = _asked_now(judged), dict[str, dict[str, Any]]()
    for name, question in all_questions(judged).items():
        use = question.best()
        value = words(question.field, use.value) if name in musts else ""
        if not value:
            continue
        key, title = _section(sitting, judged, question)
        origin = use.origin
        is_held = origin.get("rank") in ("department", "document")
        overruled = is_held and overrules(use.value, origin.get("held"))
        groups.setdefault(key, {"title": title, "rows": []})["rows"].append(
            {
                "key": bilingual(question.field.label_zh, question.field.label_en),
                "value": value,
                "change_url": f"{form_url}#f-{name.replace('.', '-')}",
                "was": words(question.field, origin.get("held")) if overruled else "",
                "source": " ".join(part for part in (origin.get("source", ""), origin.get("as_of", "")) if part),
            }
        )
    return [groups[key] for key in sorted(groups, key=_place)]


def draw_materials(sitting: Sitting, wanted: Mapping[str, Wanted]) -> list[dict[str, Any]]:
    """Give the one list of materials, each with the matters that want it."""
    return [
        {
            "name": one.name,
            "id": one.name.replace(".", "-"),
            "title": bilingual(one.material.name, one.material.name_en),
            "whose": whose_words(sitting, one.who),
            "items": [
                bilingual(judged.part.case.title_zh, judged.part.case.title_en) for judged, _standing in one.stands
            ],
            "standing": one.worst,
            "state": one.state,
            "is_required": one.is_required,
            "may_be_promised": one.may_be_promised,
            "may_be_late": one.may_be_late,
        }
        for one in wanted.values()
    ]
