"""What a worker types about a person, checked as a whole: every problem at once, nothing written."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..store.problems import Problem, Problems
from . import id_number
from .names import DOTS, is_control
from .phone import read_phone

#: Types whose number is a citizen identity number (GA/T 2000.156).
CITIZEN_TYPES = frozenset({"111", "112", "113"})
Value = TypeVar("Value")


class PersonInput(BaseModel):
    """What is said about a person; `rank` and `source` say by whom (card read, hukou book seen, own word)."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(max_length=100)
    id_type: str = Field(default="111", max_length=3)
    id_no: str = Field(default="", max_length=40)
    no_id_reason: str = Field(default="", max_length=200)
    sex: str = Field(default="", max_length=1)
    birth_date: date | None = None
    phone: str = Field(default="", max_length=40)
    community_id: str = Field(default="", max_length=12)
    grid_id: str = Field(default="", max_length=16)
    rank: Literal["department", "document", "word"] = "word"
    source: str = "本人"
    as_of: date | None = None
    #: Needed when sex or birth date differ from what the number says.
    difference_reason: str = Field(default="", max_length=200)

    @field_validator("*", mode="before")
    @classmethod
    def _drop_controls(cls, value: object) -> object:
        return "".join(char for char in value if not is_control(char)) if isinstance(value, str) else value


class Identity(BaseModel):
    """A checked input, tidy. `derived_*` is what the number says, when it says something."""

    model_config = ConfigDict(frozen=True)

    name: str
    id_no: str
    phone: str
    sex: str
    birth_date: date | None
    derived_sex: str = ""
    derived_birth_date: date | None = None


def check_person(given: PersonInput, today: date) -> Identity:
    """Check everything a form says about a person; raises Problems with all that is wrong."""
    problems: list[Problem] = []
    name = attempt(problems, lambda: read_name(given.name), "")
    phone = attempt(problems, lambda: read_phone(given.phone) if given.phone else "", "")
    number = attempt(problems, lambda: _number(given, today), None)
    problems += _declared(given, number, today)
    if problems:
        raise Problems(problems)
    sex, born = (number.sex, number.birth_date) if number else ("", None)
    return Identity(
        name=name,
        id_no=number.number if number else id_number.tidy(given.id_no),
        phone=phone,
        sex=given.sex or sex or "0",
        birth_date=given.birth_date or born,
        derived_sex=sex,
        derived_birth_date=born,
    )


def read_name(text: str) -> str:
    """Check a name and give it with one kind of middle dot; raises Problem."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    for dot in DOTS:
        name = name.replace(dot, "·")
    if not name:
        raise Problem("name_empty", "请输入姓名,以证件上的为准。", "Enter the name as on the ID document.", "name")
    if not all(_may_stand_in_name(char) for char in name) or len(name) > 50:
        zh = "姓名只能是文字和间隔号(·),不能有数字、问号或方框。生僻字请用生僻字输入法或从户口簿电子件复制。"
        en = (
            "A name holds letters, characters and the middle dot (·), no digits, question marks or boxes. "
            "For a rare character use the rare-character input method or copy it from the electronic hukou book."
        )
        raise Problem("name_characters", zh, en, "name")
    return name


def _may_stand_in_name(char: str) -> bool:
    return char in " ·'’-" or unicodedata.category(char)[0] in "LM"


def _number(given: PersonInput, today: date) -> id_number.IdNumber | None:
    """Read the number; None when this kind of document has no number that can be read."""
    if not given.id_no:
        if given.no_id_reason:
            return None
        raise id_number.problem("id_empty")
    if given.id_type in CITIZEN_TYPES:
        return id_number.read_id_number(given.id_no, today)
    try:
        return id_number.read_id_number(given.id_no, today)
    except Problem:
        if len(id_number.tidy(given.id_no)) < 4:
            zh = "证件号码太短。请对照证件重新输入。"
            raise Problem("id_short", zh, "The ID number is too short. Enter it again from the document.",
                          "id_no") from None  # fmt: skip
        return None


def _declared(given: PersonInput, number: id_number.IdNumber | None, today: date) -> list[Problem]:
    found = []
    if given.sex not in {"", "0", "1", "2", "9"}:
        found.append(Problem("sex", "请选择性别。", "Choose the sex.", "sex"))
    if given.birth_date and given.birth_date > today:
        zh = "出生日期在今天之后。请核对后重新输入。"
        found.append(Problem("birth_future", zh, "The date of birth lies after today. Enter it again.", "birth_date"))
    if given.as_of and given.as_of > today:
        zh = "“截至”日期在今天之后。请核对后重新输入。"
        found.append(Problem("as_of_future", zh, "The day as of which this is said lies after today.", "as_of"))
    if number and not given.difference_reason:
        zh, en = (
            "与证件号码不一致。请核对;确实不同的,请写明原因。",
            "This differs from the ID number. Check it, or say why it differs.",
        )
        if given.birth_date not in {None, number.birth_date}:
            found.append(Problem("birth_differs", zh, en, "birth_date"))
        if given.sex in {"1", "2"} and given.sex != number.sex:
            found.append(Problem("sex_differs", zh, en, "sex"))
    return found


def attempt(problems: list[Problem], read: Callable[[], Value], otherwise: Value) -> Value:
    """Read a value; a Problem is noted beside the others and something else stands instead."""
    try:
        return read()
    except Problem as problem:
        problems.append(problem)
        return otherwise
