"""`workbench bench --registry N`: the register of a city beside what is written by hand for one purpose.

Searching beside the bare indexed query; a form of five items beside a form of one; the night's sweep of one item beside
SQL written for that item. Both sides run in turn, in the same process, on the same rows.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import event, text
from sqlmodel import col, delete, select

from ..agenda.models import AgendaRow
from ..agenda.night import refresh
from ..agenda.sift import entitled
from ..catalogue.items import Catalogue, Item
from ..catalogue.loaded import catalogue
from ..host.discover import discover
from ..people.blind_keys import id_key, phone_key
from ..people.find import find_people
from ..people.models import PersonRow
from ..people.names import search_form
from ..reception.begin_together import begin_together
from ..rules.derive import age_on
from .crowd import FACTS_EACH, Crowd, fill_crowd, keys_of
from .place import Place, empty_place

#: How many are searched for, and how often each, after a first time that does not count.
LOOKS, TIMES = 60, 5
ROUNDS = 3
BUNDLE = ("RS-001", "MZ-004", "MZ-015", "WJ-013", "RS-008")
SWEPT = ("MZ-004", "RS-008", "MZ-005")
#: Goals: a search beside the bare query, a sweep beside SQL by hand.
SEARCH_GOAL, SWEEP_GOAL = 1.5, 3.0


@dataclass
class Result:
    """What was measured, in seconds unless it says otherwise."""

    residents: int
    database: str
    filled_seconds: float = 0.0
    bytes_each: int = 0
    searches: list[dict[str, Any]] = field(default_factory=list)
    bundle: list[dict[str, Any]] = field(default_factory=list)
    sweeps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every goal is met."""
        queries = {row["queries"] for row in self.bundle}
        return (
            all(row["ratio"] <= SEARCH_GOAL for row in self.searches)
            and len(queries) == 1
            and all(
                (row["ratio"] or 0) <= SWEEP_GOAL and (row["listed_ratio"] or 0) <= SWEEP_GOAL for row in self.sweeps
            )
        )


def run_registry(residents: int, url: str = "", *, console: Console | None = None) -> Result:
    """Fill an empty database with so many residents and measure; raises Problem where data stands."""
    console, today = console or Console(stderr=True), date.today()  # noqa: DTZ011 - any day will do
    with empty_place(url) as place, Progress(console=console, transient=True) as progress:
        result = Result(residents, place.store.engine.dialect.name)
        task, begun = progress.add_task("residents", total=residents), time.perf_counter()
        crowd = Crowd(place.keys, place.hub.id, today)
        fill_crowd(place.store, crowd, residents, lambda done: progress.advance(task, done))
        result.filled_seconds = time.perf_counter() - begun
        result.bytes_each = _size(place) // residents
        known = catalogue(discover())
        result.searches = [_search(place, *one) for one in _wanted(place)]
        result.bundle = [_bundle(place, known, count) for count in (1, 5)]
        result.sweeps = [_sweep(place, known, code, today) for code in SWEPT]
        return result


def _size(place: Place) -> int:
    with place.store.read() as session:
        if place.store.is_sqlite:
            pages = session.execute(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))
            return int(pages.scalar_one())
        return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


BY_NAME = """SELECT p.id, p.name, p.sex, p.birth_date, p.id_masked, p.phone_masked, p.status, p.hub_id, p.community_id
FROM person_key k JOIN person p ON p.id = k.person_id WHERE k.hub_id = {0} AND k.key >= {1} AND k.key < {2}
AND p.status <> 'merged' ORDER BY k.key, k.person_id LIMIT 60"""
BY_NUMBER = """SELECT id, name, sex, birth_date, id_masked, phone_masked, status, hub_id, community_id
FROM person WHERE {1} = {0} AND status <> 'merged' LIMIT 60"""


def _wanted(place: Place) -> list[tuple[str, list[str], str, Callable[[str], tuple[Any, ...]]]]:
    """Give the searches: their name, what is typed, the bare statement, its values."""
    with place.looking() as ctx:
        query = select(PersonRow.name, PersonRow.id_no, PersonRow.phone).where(col(PersonRow.phone_index).is_not(None))
        rows = ctx.session.exec(query.order_by(col(PersonRow.id)).limit(LOOKS)).all()
    names, hub, keys = [row[0] for row in rows], place.hub.id, place.keys

    def named(typed: str) -> tuple[Any, ...]:
        key = search_form(typed)
        return hub, key, key + "\U0010ffff"

    initials = [min(_ascii(name), key=len) for name in names]
    return [
        ("full name", names, BY_NAME, named),
        ("two characters", [name[:2] for name in names], BY_NAME, named),
        ("initials", initials, BY_NAME, named),
        (
            "ID number",
            [row[1] or "" for row in rows],
            BY_NUMBER.replace("{1}", "id_index"),
            lambda typed: (id_key(keys, "111", typed),),
        ),
        (
            "phone",
            [row[2] or "" for row in rows],
            BY_NUMBER.replace("{1}", "phone_index"),
            lambda typed: (phone_key(keys, typed),),
        ),
    ]


def _ascii(name: str) -> list[str]:
    return [key for key in keys_of(name) if key.isascii() and len(key) >= min(len(name), 2)] or [name]


def _search(
    place: Place, name: str, typed: list[str], statement: str, values: Callable[[str], tuple[Any, ...]]
) -> dict[str, Any]:
    """Send the product's own statement, the bare one, and the whole search, in turn, each as often."""
    mark = "?" if place.store.is_sqlite else "%s"
    bare_text = statement.format(mark, mark, mark)
    taken: dict[str, list[float]] = {"product": [], "query": [], "bare": []}
    with place.looking() as ctx:
        driver: Any = ctx.session.connection().connection.dbapi_connection
        for number in range((1 + TIMES) * len(typed)):
            one = typed[number % len(typed)]
            with _hearing(place) as sent:
                hits = find_people(ctx, one)
            rows = list(driver.cursor().execute(bare_text, values(one)))
            if {row[0] for row in rows[:1]} != {hit.id for hit in hits[:1]}:
                raise AssertionError(f"the bare query finds something else: {name}")
            sides = {
                "bare": partial(_fetch, driver, bare_text, values(one)),
                "query": partial(_fetch, driver, *sent[0]),
                "product": partial(find_people, ctx, one),
            }
            for side, ask in sorted(sides.items(), reverse=number % 2 == 1):  # who goes first finds less at hand
                begun = time.perf_counter()
                ask()
                taken[side].append(time.perf_counter() - begun)
    ours, query, bare = (median(taken[side][len(typed) :]) * 1000 for side in ("product", "query", "bare"))
    told = {"search": name, "bare_ms": bare, "query_ms": query, "ratio": query / bare}
    return told | {"product_ms": ours, "python_ms": ours - query}


def _fetch(driver: Any, statement: str, values: Any) -> list[Any]:
    found: list[Any] = driver.cursor().execute(statement, values).fetchall()
    return found


@contextmanager
def _hearing(place: Place) -> Iterator[list[tuple[str, Any]]]:
    """Hear the statements that are sent, with their values."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        sent.append((statement, values))

    event.listen(place.store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(place.store.engine, "before_cursor_execute", note)


def _bundle(place: Place, known: Catalogue, count: int) -> dict[str, Any]:
    """Open a sitting of so many items for one resident, and count what it asked the database."""
    with place.acting() as ctx:
        row = ctx.session.exec(select(PersonRow).order_by(col(PersonRow.id)).limit(1)).one()
        items = [_item(place, known, code) for code in BUNDLE[:count]]
        begin_together(ctx, row, [(items[0], row)], known)  # what a program reads once
        ctx.session.rollback()
    with place.acting() as ctx:
        row = ctx.session.exec(select(PersonRow).order_by(col(PersonRow.id)).limit(1)).one()
        with _hearing(place) as sent:
            begun = time.perf_counter()
            begin_together(ctx, row, [(item, row) for item in items], known)
            took = time.perf_counter() - begun
        ctx.session.rollback()
    return {
        "items": count,
        "queries": sum(one.lstrip().startswith("SELECT") for one, _values in sent),
        "ms": took * 1000,
    }


def _item(place: Place, known: Catalogue, code: str) -> Item:
    found = known.find(code, place.hub.division, date.today())  # noqa: DTZ011
    if found is None:
        raise LookupError(code)
    return found


FACT = """(SELECT f.value FROM fact f WHERE f.person_id = p.id AND f.key = '{0}' ORDER BY f.rank DESC,
coalesce(f.as_of, {day}) DESC, f.recorded_at DESC, f.id DESC LIMIT 1)"""
NO_CASE = """NOT EXISTS (SELECT 1 FROM cases c WHERE c.person_id = p.id AND c.item_code = '{0}'
AND c.state NOT IN ('refused', 'withdrawn', 'returned', 'voided'))"""
#: What somebody who knows the item writes for it. Sealed facts cannot be asked by hand: only the time is told.
BY_HAND = {
    "MZ-004": "p.birth_date <= '{eighty}' AND {hukou.local} = 'true'",
    "RS-008": "p.birth_date <= '{sixty}' AND {pension.receiving} = 'false' AND ({resident_pension.paid_years} IN"
    " ('15', '16', '17', '18', '19', '20') OR {resident_pension.exempt} = 'true')",
}


def _sweep(place: Place, known: Catalogue, code: str, today: date) -> dict[str, Any]:
    """Sweep everybody for one item: by hand, by the rules alone, and with the list written."""
    item = _item(place, known, code)
    ours: list[float] = []
    hand: list[float] = []
    found: set[str] = set()
    for _ in range(ROUNDS):
        with place.looking() as ctx:
            begun = time.perf_counter()
            found = set(entitled(ctx, item, today))
            ours.append(time.perf_counter() - begun)
        if code in BY_HAND:
            with place.looking() as ctx:
                begun = time.perf_counter()
                by_hand = {row[0] for row in ctx.session.execute(text(_by_hand(place, code, today)))}
                hand.append(time.perf_counter() - begun)
            if by_hand != found:
                raise AssertionError(f"the hand-written SQL finds {len(by_hand)} for {code}, the rules {len(found)}")
    written = _timed(place, lambda: refresh(place.looking, place.acting, item))
    hand_written = _timed(place, lambda: _write_by_hand(place, code, today)) if code in BY_HAND else None
    best = min(hand) if hand else None
    ratio = min(ours) / best if best else None
    return {
        "item": code, "found": len(found), "product_s": min(ours), "hand_s": best, "ratio": ratio,
        "listed_s": written, "hand_listed_s": hand_written,
        "listed_ratio": written / hand_written if hand_written else None,
    }  # fmt: skip


def _timed(place: Place, write: Callable[[], object]) -> float:
    """Time the writing of a list, and take it away again."""
    begun = time.perf_counter()
    write()
    took = time.perf_counter() - begun
    with place.acting() as ctx:
        ctx.session.execute(delete(AgendaRow))
    return took


def _write_by_hand(place: Place, code: str, today: date) -> None:
    """Write the same list as one statement."""
    mark = "lower(hex(randomblob(13)))" if place.store.is_sqlite else "left(md5(random()::text || p.id), 26)"
    columns = (
        "id, mark, kind, hub_id, line_id, person_id, item_code, case_id, due_on, note_zh, note_en, made_at, state,"
    )
    columns += " made_case_id, by_id, by_name, reason, basis"
    values = (
        f"{mark}, 'entitled:' || p.id, 'entitled', p.hub_id, 'x', p.id, '{code}', '', '{today}', '', '', p.created_at,"
    )
    values += " 'open', '', '', '', '', ''"
    query = _by_hand(place, code, today).replace("SELECT p.id", f"SELECT {values}", 1)
    if not place.store.is_sqlite:
        query = query.replace(f"'{today}'", f"'{today}'::date", 1)
    with place.acting() as ctx:
        ctx.session.execute(text(f"INSERT INTO agenda ({columns}) {query}"))


def _by_hand(place: Place, code: str, today: date) -> str:
    day = (
        "date(f.recorded_at, '+8 hours')"
        if place.store.is_sqlite
        else "(f.recorded_at AT TIME ZONE 'Asia/Shanghai')::date"
    )
    names = ("hukou.local", "pension.receiving", "resident_pension.paid_years", "resident_pension.exempt")
    condition = BY_HAND[code].replace("{eighty}", _years_ago(today, 80)).replace("{sixty}", _years_ago(today, 60))
    for name in names:
        condition = condition.replace(f"{{{name}}}", FACT.replace("{0}", name).replace("{day}", day))
    where = f"p.hub_id = '{place.hub.id}' AND p.status = 'active' AND {condition} AND {NO_CASE.replace('{0}', code)}"
    return f"SELECT p.id FROM person p WHERE {where}"


def _years_ago(today: date, years: int) -> str:
    day = date(today.year - years, today.month, min(today.day, 28))
    while (age_on(date.fromordinal(day.toordinal() + 1), today) or 0) >= years:
        day = date.fromordinal(day.toordinal() + 1)
    return day.isoformat()


def show(result: Result, console: Console) -> None:
    """Print what was measured."""
    console.print(
        f"{result.residents} residents, {result.residents * FACTS_EACH} facts on {result.database}: filled in "
        f"{result.filled_seconds:.0f} s, {result.bytes_each} bytes each"
    )
    for title, rows in (("Search", result.searches), ("Form", result.bundle), ("Night", result.sweeps)):
        table = Table(*rows[0], title=title)
        for row in rows:
            table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row.values()))
        console.print(table)
    console.print("all goals met" if result.is_good else "a goal is missed")


def as_dict(result: Result) -> dict[str, Any]:
    """Give everything for a file."""
    return asdict(result) | {"is_good": result.is_good}
