"""What is known about a resident, ready to be shown: words for keys and codes, numbers masked, origins, conflicts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..api.nouns import Fact
from ..catalogue.codes import Code, load_codes, parse_options
from ..catalogue.dictionary import load_dictionary
from ..people.facts import History, choose, differing
from ..people.view import mask_value
from ..rules.vocabulary import load_vocabulary
from ..web.departments import department
from ..web.filters import yuan
from ..web.language import _, bilingual, current_locale, ngettext

MASKED = ("id_no", "phone", "bank")
#: Shown in the bar on top already, or remembered for one item only.
ELSEWHERE = ("item.", "consent.", "agent.")
OTHER, FIRST = "other", ("person", "address")
#: Its number begins with the identity number.
AS_IDENTITY = ("disability.card_no",)


@dataclass(frozen=True, slots=True)
class Word:
    """What a key is called and how its values are written."""

    zh: str
    en: str
    type: str
    group: str
    choices: Mapping[str, Code]


@dataclass(frozen=True, slots=True)
class Known:
    """One line of the table."""

    key: str
    label: str
    group: str
    text: str
    is_masked: bool
    rank: str
    source: str
    as_of: str
    conflicts: list[dict[str, str]] = field(default_factory=list)


def known_of(history: History, derived: Mapping[str, tuple[Any, str]]) -> list[Known]:
    """Give every value that counts, the applicant's own first; `derived` values come with who derived them."""
    conflicts = differing(history)
    rows = [_row(fact, conflicts.get(key, ())) for key, fact in choose(history).items() if _is_shown(key, fact.value)]
    for key, (value, by) in derived.items():
        if key not in history and _is_shown(key, value):
            word = word_of(key)
            label, text = bilingual(word.zh, word.en), write_value(word, value)
            rows.append(Known(key, label, word.group, text, False, "derived", by, ""))
    order = {key: number for number, key in enumerate(_words())}
    return sorted(rows, key=lambda row: (_place(row.group), order.get(row.key, len(order))))


def group_titles(rows: Iterable[Known]) -> dict[str, str]:
    """Give the titles of the groups that have rows, in their order."""
    groups = load_dictionary().groups
    titles = {row.group: row.group for row in rows}
    return {
        name: bilingual(groups[name].label_zh, groups[name].label_en) if name in groups else _("Other information")
        for name in titles
    }


def _place(group: str) -> int:
    return FIRST.index(group) if group in FIRST else len(FIRST) + (group == OTHER)


def word_of(key: str) -> Word:
    """Give the words of a key; an unknown key is shown as it is."""
    return _words().get(key) or Word(key, key, "text", OTHER, {})


def write_value(word: Word, value: Any) -> str:
    """Write a value in the language of the screen; numbers that identify are masked."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if word.type in MASKED:
        return mask_value(word.type, str(value))
    if word.type == "money" and isinstance(value, int):
        return f"{yuan(value)} {_('yuan')}"
    return _write_plain(word, value)


def _write_plain(word: Word, value: Any) -> str:
    if isinstance(value, Mapping):
        return " – ".join(str(part) for part in (value.get("from"), value.get("to")) if part)
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return ngettext("{count} entry", "{count} entries", len(value))
    if isinstance(value, list):
        return ", ".join(_choice(word, one) for one in value)
    return _choice(word, value)


def _choice(word: Word, value: Any) -> str:
    code = word.choices.get(str(value))
    return code.label(current_locale()) if code else str(value)


def _row(fact: Fact, others: Iterable[Fact]) -> Known:
    word = word_of(fact.key)
    return Known(
        key=fact.key,
        label=bilingual(word.zh, word.en),
        group=word.group,
        text=write_value(word, fact.value),
        is_masked=word.type in MASKED and bool(fact.value),
        rank=fact.rank,
        source=department(fact.source),
        as_of=_day(fact),
        conflicts=[
            {"text": write_value(word, o.value), "source": department(o.source), "as_of": _day(o)} for o in others
        ],
    )


def _day(fact: Fact) -> str:
    return (fact.as_of or fact.recorded_at.date()).isoformat()


def _is_shown(key: str, value: Any) -> bool:
    return not key.startswith(ELSEWHERE) and value not in (None, "", [])


@cache
def _words() -> dict[str, Word]:
    """The words of every key: the dictionary's first, then those only rules use."""
    words: dict[str, Word] = {}
    for name, group in load_dictionary().groups.items():
        for entry in group.field:
            choices = load_codes(entry.codes) if entry.codes else parse_options(entry.options)
            shown_as = "id_no" if entry.key in AS_IDENTITY else entry.type
            words[entry.key] = Word(entry.label_zh, entry.label_en, shown_as, name, choices)
    for fact in load_vocabulary().values():
        options = {option.value: Code(option.value, option.label, option.label_en) for option in fact.options}
        kind = "money" if fact.is_money else fact.type.split()[0]
        words.setdefault(
            fact.name, Word(fact.label, fact.label_en[:1].upper() + fact.label_en[1:], kind, OTHER, options)
        )
    return words
