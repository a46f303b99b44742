"""Reads one row of a table: who it is about, what it says, and everything wrong with it; nothing is ever guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..catalogue.codes import load_codes
from ..catalogue.form import FormField, field_of
from ..people.check import PersonInput, check_person
from ..people.facts import FactInput, Rank
from ..people.households import read_relation
from ..people.id_number import read_id_number, tidy
from ..people.names import is_control
from ..reception.read_form import READERS
from ..store.problems import Problem, Problems
from .read_table import Cell
from .targets import ADDRESS, ID_NO, NAME, NO_ID, NUMBER, RELATION, targets

RELATIONS = "gbt_4761_family_relationship"
#: Facts that make a person; all others are recorded beside them.
OWN = {
    NAME: "name", ID_NO: "id_no", "person.id_type": "id_type", "person.sex": "sex", "person.birth_date": "birth_date",
    "person.phone": "phone", NO_ID: "no_id_reason",
}  # fmt: skip
#: Columns whose digits must all be there.
LONG = frozenset({"id_no", "bank"})
LONGEST = 500
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
)


@dataclass(frozen=True)
class Terms:
    """Where a file comes from: who says so, how strongly it counts, of which day it is."""

    rank: Rank
    source: str
    as_of: date | None = None


@dataclass
class Read:
    """One row as it was read; `problems` name the place of the column they belong to."""

    person: PersonInput | None = None
    facts: list[FactInput] = field(default_factory=list)
    household: str = ""
    relation: str = ""
    address: str = ""
    problems: list[tuple[int, Problem]] = field(default_factory=list)


def read_row(cells: tuple[Cell, ...], columns: Mapping[int, str], terms: Terms, today: date) -> Read:
    """Read a row with everything that is wrong with it."""
    read, own, places = Read(), dict[str, Any](), {key: place for place, key in columns.items()}
    for place, key in columns.items():
        try:
            value = read_cell(cells[place], key)
        except Problem as problem:
            read.problems.append((place, problem))
            continue
        if value is not None:
            _put(read, own, key, value, terms)
    _find_swapped(cells, places, read)
    if not read.problems:
        _check_person(read, own, places, terms, today)
    return read


def _put(read: Read, own: dict[str, Any], key: str, value: Any, terms: Terms) -> None:
    match key:
        case _ if key in OWN:
            own[OWN[key]] = value
        case _ if key == NUMBER:
            read.household = str(value)
        case _ if key == RELATION:
            read.relation = str(value)
        case _ if key == ADDRESS:
            read.address = str(value)
        case _:
            read.facts.append(FactInput(key, value, terms.rank, terms.source, terms.as_of))


def read_cell(cell: Cell, key: str) -> Any:
    """Read one cell as what its column is; None for an empty one. Raises Problem."""
    if cell.kind == "empty":
        return None
    text = "".join(char for char in cell.text if not is_control(char))[:LONGEST]
    entry = targets()[key].entry
    kind = entry.type if entry else "text"
    if kind in LONG and (cell.is_broken_number or (kind == "id_no" and cell.kind == "number")):
        zh = "号码在Excel里成了数字，末尾的数字已丢失，不能猜。请在原表把该列设为文本，重新填写号码后再导入。"
        en = "The number was kept as a number, so its last digits are lost, and nobody can guess them. Make it text"
        raise Problem("digits_lost", zh, f"{en} in the original, enter the numbers again, and import that.")
    if key == RELATION:
        return _relation(text)
    if kind == "date":
        return _day(text)
    if kind == "id_no":
        return tidy(text)
    return _value(text, field_of(entry)) if entry else text


def _value(text: str, asked: FormField) -> Any:
    if asked.choices:
        codes = {word: code.code for code in asked.choices.values() for word in (code.code, code.zh, code.en)}
        if text not in codes:
            zh, en = f"“{text[:20]}”不在可选的值里。", f"“{text[:20]}” is none of the values to choose from."
            raise Problem("not_a_choice", zh, en)
        return codes[text]
    if asked.type == "bool":
        known = {"是": True, "否": False, "true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
        if text.lower() not in known:
            raise Problem("not_yes_or_no", "应为“是”或“否”。", "Write yes or no.")
        return known[text.lower()]
    if asked.type in ("id_no", "text", "address"):
        return text
    return READERS[asked.type](text, asked) if asked.type in READERS else text


def _day(text: str) -> date:
    """Read a day written in one of the usual ways, and nothing else: no time, no spaces, no other calendar."""
    found = _DAY.fullmatch(text)
    parts = [int(part) for part in found.groups() if part is not None] if found else []
    try:
        return date(*parts)
    except (ValueError, TypeError):
        zh = f"“{text[:24]}”不是日期。应为 2026-11-22、2026/11/22、2026年11月22日 或 20261122。"
        raise Problem("not_a_date", zh, f"“{text[:24]}” is not a day. Write it like 2026-11-22.") from None


def _relation(text: str) -> str:
    codes = {word: code.code for code in load_codes(RELATIONS).values() for word in (code.zh, code.en)}
    try:
        return read_relation(codes.get(text, text))
    except Problem:
        zh, en = f"“{text[:20]}”不是国标里的家庭关系。", f"“{text[:20]}” is no relation of GB/T 4761."
        raise Problem("relation", zh, en) from None


def _find_swapped(cells: tuple[Cell, ...], places: Mapping[str, int], read: Read) -> None:
    """Say so where an ID number stands in the column of names: columns were swapped somewhere."""
    if NAME not in places:
        return
    name = cells[places[NAME]].text
    if re.fullmatch(r"[\dXx]{6,}", tidy(name)):
        zh = "姓名列里是号码，可能与证件号码列对调了。请检查原表和列的对应。"
        en = "A number stands in the column of names; columns may be swapped. Check the file and what each is."
        read.problems = [(place, one) for place, one in read.problems if place != places[NAME]]
        read.problems.append((places[NAME], Problem("swapped", zh, en)))


def _check_person(read: Read, own: Mapping[str, Any], places: Mapping[str, int], terms: Terms, today: date) -> None:
    number = str(own.get("id_no") or "")
    given: dict[str, Any] = {"name": "", "id_type": "111", **own}
    given |= {"rank": terms.rank, "source": terms.source, "as_of": terms.as_of}
    try:
        if number and given["id_type"] == "111":
            read_id_number(number, today)
        person = PersonInput.model_validate(given)
        check_person(person, today)
    except (Problem, Problems) as wrong:
        found = wrong.problems if isinstance(wrong, Problems) else [wrong]
        back = {field: key for key, field in OWN.items()}
        read.problems += [(places.get(back.get(one.field, NAME), -1), one) for one in found]
        return
    except ValueError:
        zh, en = "内容过长。", "Something is too long."
        read.problems.append((places.get(NAME, -1), Problem("too_long", zh, en)))
        return
    read.person = person
