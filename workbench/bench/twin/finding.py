"""The search page by hand."""

import re
from datetime import date
from typing import Any

from flask import render_template

from ...catalogue.pick import SURE, pick_items
from ...people.blind_keys import phone_key, possible_id_keys
from ...people.id_number import tidy
from ...people.names import search_form
from ...people.view import age_on
from .database import Database
from .duties import Caller, Duties
from .frame import frame
from .matter import Matter, today

NUMBER = re.compile(r"(?=.*\d{4})[0-9A-Z()]{6,}", re.ASCII)
COLUMNS = "p.id, p.name, p.sex, p.birth_date, p.id_masked, p.phone_masked, p.status"
BY_NAME = (
    f"SELECT {COLUMNS} FROM person_key k JOIN person p ON p.id = k.person_id WHERE k.hub_id = ? AND k.key >= ? "
    "AND k.key < ? AND p.status <> 'merged' ORDER BY k.key, k.person_id LIMIT 60"
)
CASES = (
    "SELECT c.id, c.case_no, c.reference, c.title_zh, p.name, c.state, c.result, c.person_id FROM cases c "
    "JOIN person p ON p.id = c.person_id WHERE c.hub_id = ? AND (c.case_no = ? OR c.reference = ?) LIMIT 10"
)


def show(database: Database, duties: Duties, matter: Matter, caller: Caller, q: str) -> str:
    """Find residents, items and cases, and write down that somebody searched."""
    day = today()
    with database.reading():
        people = [_person(row, day) for row in find_people(database, duties, caller, q)]
        lines = matter.open_lines(caller)
        offer = matter.catalogue.offer(caller.division, day, lines)
        items = [hit.item for hit in pick_items(q, offer.items, 20, least=SURE)]
        cases = database.all(CASES, (caller.hub_id, q.upper(), q)) if len(q) >= 4 else []
        framed = frame(database, matter, caller)
    with database.writing():
        hits = len(people) + len(items) + len(cases)
        duties.record(caller, "search", detail={"kind": "sent", "hits": hits})
    return render_template("search.html", q=q, people=people, items=items, cases=cases, **framed)


def find_people(database: Database, duties: Duties, caller: Caller, q: str) -> list[Any]:
    """Find residents by name, part of it, pinyin, initials, ID number or phone. One statement."""
    number = tidy(q)
    if NUMBER.fullmatch(number):
        keys = possible_id_keys(duties.keys, number)
        places = ", ".join("?" * len(keys))
        query = (
            f"SELECT {COLUMNS} FROM person p WHERE (p.id_index IN ({places}) OR p.phone_index = ?) "
            "AND coalesce(p.hub_id, '') = ? AND p.status <> 'merged' ORDER BY p.id LIMIT 60"
        )
        rows = database.all(query, (*keys, phone_key(duties.keys, number), caller.hub_id))
    else:
        key = search_form(q)
        rows = database.all(BY_NAME, (caller.hub_id, key, key + "\U0010ffff"))
    return list({row[0]: row for row in rows}.values())[:20]


def _person(row: Any, day: date) -> dict[str, Any]:
    born = date.fromisoformat(row[3]) if row[3] else None
    return {
        "id": row[0],
        "name": row[1],
        "sex": {"1": "男", "2": "女"}.get(row[2], "—"),
        "age": age_on(born, day),
        "id_no": row[4],
        "phone": row[5],
        "status": row[6],
    }
