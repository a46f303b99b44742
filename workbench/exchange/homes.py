"""Households of an import: rows with the same number live together, with one head among them."""

import hashlib
from typing import TYPE_CHECKING

from sqlmodel import col, select

from ..people.household_events import join, open_household
from ..people.household_record import Deed
from ..people.households import HEAD
from ..people.models import PersonRow
from ..store.context import Context
from ..store.ids import ALPHABET
from ..store.problems import Problem
from .models import ImportedRow, ImportRow

if TYPE_CHECKING:
    from .work import Import

REASON = "import"


def make_homes(ctx: Context, row: ImportRow, importing: "Import") -> None:
    """Put the people of a file into their households, each by an event that can be taken back.

    Who is in another household already stays there, and the report says so. Twice is safe.
    """
    written = {
        one.number: one
        for one in ctx.session.exec(select(ImportedRow).where(col(ImportedRow.import_id) == row.id))
        if one.person_id and one.state in ("new", "known", "same")
    }
    homes: dict[str, list[tuple[ImportedRow, str, str]]] = {}
    for place in range(row.total):
        one = written.get(place + importing.table.first)
        if one is not None:
            read = importing.read(place, ctx.clock.today())
            if read.household:
                homes.setdefault(read.household, []).append((one, read.relation, read.address))
    for number, members in homes.items():
        _make(ctx, row, number, members)


def _make(ctx: Context, row: ImportRow, number: str, members: list[tuple[ImportedRow, str, str]]) -> None:
    heads = [one for one, relation, _address in members if relation == HEAD]
    if len(heads) != 1:
        zh, en = (
            "同一户号应有一位户主，且只有一位；未建户。",
            "A household number needs one head and only one; no household was made.",
        )
        for one, _relation, _address in members:
            _note(one, Problem("one_head", zh, en))
        return
    head, address = heads[0], next((text for _one, _relation, text in members if text), "")
    home = ctx.session.get_one(PersonRow, head.person_id or "").household_id
    try:
        if home is None:
            event = open_household(
                ctx, head.person_id or "", address, {}, Deed(deed_id(row.id, number, 0), reason=REASON)
            )
            home, head.made = event.household_id, {**head.made, "events": [event.id]}
    except Problem as problem:
        _note(head, problem)
        return
    for place, (one, relation, _address) in enumerate(members, start=1):
        person = ctx.session.get_one(PersonRow, one.person_id or "")
        if person.household_id == home:
            continue
        try:
            with ctx.session.begin_nested():
                event = join(ctx, home, {person.id: relation}, Deed(deed_id(row.id, number, place), reason=REASON))
            one.made = {**one.made, "events": [event.id]}
            ctx.session.add(one)
        except Problem as problem:
            _note(one, problem)
    ctx.session.add(head)


def _note(one: ImportedRow, problem: Problem) -> None:
    said = list(one.problems.get("list", []))
    one.problems = {"list": [*said, ["", problem.zh, problem.en]]}


def deed_id(import_id: str, number: str, place: int) -> str:
    """Name an event of an import: the same row again finds the same event."""
    digest = hashlib.sha256(f"{import_id}\x1f{number}\x1f{place}".encode()).digest()
    value = int.from_bytes(digest[:17], "big") >> 8
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
