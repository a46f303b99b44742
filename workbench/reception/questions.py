"""The union of several forms: each question once, grouped for talking with a person, not by department.

Two fields are one question when they ask for the same fact about the same person in the same way;
what an item alone asks stands under the item's name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..catalogue.dictionary import load_dictionary
from ..catalogue.form import Form, FormField
from ..catalogue.kin import load_roles
from .sitting import CHILD, HOST, Part

#: Answers in the order in which a source is believed.
RANKS = {"department": 3, "document": 2, "word": 1}


@dataclass(frozen=True, slots=True)
class Use:
    """One field of one open form."""

    part: Part
    key: str

    @property
    def value(self) -> Any:
        return (self.part.draft.values or {}).get(self.key)

    @property
    def origin(self) -> Mapping[str, Any]:
        return (self.part.draft.origins or {}).get(self.key) or {}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the common form: its control, and the fields that its answer goes to."""

    field: FormField
    who: str
    group: str  # of the dictionary; "" for what one item alone asks
    fact: str
    uses: tuple[Use, ...]

    @property
    def name(self) -> str:
        return self.field.key

    def best(self) -> Use:
        """Give the use whose answer counts: the strongest source first, then whatever is answered."""
        return max(
            self.uses, key=lambda use: (use.value not in (None, "", []), RANKS.get(use.origin.get("rank", ""), 0))
        )


def questions_of(forms: Iterable[tuple[Part, Form]]) -> dict[str, Question]:
    """Give every question of several forms by the name of its control, in the order they are met."""
    listed = list(forms)
    whos = {part.who for part, _ in listed}
    found: dict[str, tuple[FormField, str, str, str, list[Use]]] = {}
    for part, form in listed:
        for key, asked in form.fields.items():
            who, fact = subject_of(part, asked.fact, whos)
            name = f"{who}.{fact}" if fact else f"{_plain(part)}.{part.who}.{key}"
            if name in found and _shape(found[name][0]) != _shape(asked):
                name = f"{name}.{_plain(part)}"
            known = found.setdefault(name, (_as_asked(asked, name, fact), who, group_of(fact), fact, []))
            known[4].append(Use(part, key))
    return {
        name: Question(asked, who, group, fact, tuple(uses)) for name, (asked, who, group, fact, uses) in found.items()
    }


def _as_asked(asked: FormField, name: str, fact: str) -> FormField:
    """What a form asks of somebody else is asked in the words for a person's own."""
    own = load_dictionary().entries.get(fact) if fact != asked.fact else None
    if own is None:
        return replace(asked, key=name)
    return replace(
        asked, key=name, label_zh=own.label_zh, label_en=own.label_en, help_zh=own.help_zh, help_en=own.help_en
    )


def subject_of(part: Part, fact: str, whos: Iterable[str]) -> tuple[str, str]:
    """Say whom of the sitting a fact of a form is about, and what it is called there."""
    if part.role:
        same = load_roles()[part.role].of_host.get(fact)
        return (HOST, same) if same else (part.who, fact)
    child = f"{CHILD}1"
    same = load_roles()[CHILD].of_other.get(fact) if child in whos else None
    return (child, same) if same else (part.who, fact)


def align(questions: Mapping[str, Question]) -> None:
    """Carry what one form knows over to the others that ask the same."""
    for question in questions.values():
        best = question.best()
        if best.value in (None, "", []):
            continue
        for use in question.uses:
            if use.value in (None, "", []):
                put(use, best.value, best.origin)


def put(use: Use, value: Any, origin: Mapping[str, Any]) -> None:
    """Write an answer with its origin into one form."""
    draft = use.part.draft
    draft.values = {**(draft.values or {}), use.key: value}
    if origin:
        draft.origins = {**(draft.origins or {}), use.key: dict(origin)}


def group_of(fact: str) -> str:
    """Name the group of the dictionary a fact is asked in."""
    return _groups().get(fact, "")


@cache
def place_of(fact: str) -> int:
    """Give where the dictionary asks a fact, so that a common form asks in its order."""
    entries = list(load_dictionary().entries)
    return entries.index(fact) if fact in entries else len(entries)


@cache
def _groups() -> Mapping[str, str]:
    dictionary = load_dictionary()
    named = {entry.key: group.group for group in dictionary.groups.values() for entry in group.field}
    return named | {f"{group.group}.members": group.group for group in dictionary.groups.values() if group.repeated}


def _shape(asked: FormField) -> tuple[Any, ...]:
    """What must be equal for two fields to be one control."""
    return asked.type, tuple(asked.choices), tuple((column.key, column.type) for column in asked.columns)


def _plain(part: Part) -> str:
    return part.case.item_code.replace("-", "")


def uses_by_part(questions: Sequence[Question]) -> dict[str, dict[str, Question]]:
    """Give the questions of each form by its own field keys, by case."""
    found: dict[str, dict[str, Question]] = {}
    for question in questions:
        for use in question.uses:
            found.setdefault(use.part.case.id, {})[use.key] = question
    return found
