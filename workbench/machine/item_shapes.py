"""How items are asked for and told: enough to fill a form without ours."""

from datetime import date
from typing import Annotated

from pydantic import Field

from .shapes import Asked, Limit, Shape, Word, Words

ItemCode = Annotated[str, Field(pattern=r"^([A-Z]{2}-[0-9]{3})?$")]


class ItemsAsked(Asked):
    """Which items: those that fit some words (pinyin initials too), or all of a line, by code."""

    q: str = Field(default="", max_length=50)
    line: Word = ""
    after: ItemCode = ""
    limit: Limit = 50


class ItemLine(Shape):
    """One item in a list."""

    code: str
    line: str
    title: Words
    version: str
    department: str
    days: int | None
    days_unit: str


class ItemPage(Shape):
    """A page of items; `next` is null on the last."""

    items: list[ItemLine]
    next: str | None


class Option(Shape):
    """One choice of a field."""

    value: str
    label: Words


class FieldTold(Shape):
    """One field of a form. Amounts of money are whole fen; days are 2026-11-22; `when` is a rule."""

    key: str
    fact: str
    type: str
    label: Words
    help: Words
    required: bool
    when: str
    options: list[Option]
    columns: list["FieldTold"]


class SectionTold(Shape):
    """Fields that are asked together."""

    key: str
    title: Words
    when: str
    fields: list[FieldTold]


class MaterialTold(Shape):
    """One material and how it can be dealt with."""

    key: str
    name: Words
    form: str
    required: bool
    when: str
    waivable_by: str
    may_be_late: bool
    may_be_promised: bool


class StepTold(Shape):
    """One step of the handling."""

    key: str
    name: Words
    by: str
    actor: str
    days: int | None
    unit: str


class ItemTold(ItemLine):
    """One item, whole."""

    valid_from: date
    valid_to: date | None
    purpose: str
    conditions: Words
    statutory_days: int | None
    promised_days: int | None
    fee: str
    form: list[SectionTold]
    materials: list[MaterialTold]
    steps: list[StepTold]
