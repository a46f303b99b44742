"""Does an import in parts: each part is one transaction that also says how far it came, so a restart goes on there."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from ..people.blind_keys import id_keys
from ..people.check import PersonInput
from ..people.duplicates import likely_duplicates
from ..people.facts import FactInput, choose, read_history, record_facts
from ..people.models import PersonRow
from ..people.register import register_person
from ..store.context import Context
from ..store.problems import Problem
from .homes import make_homes
from .models import ImportedRow, ImportRow
from .read_row import Read, Terms, read_row
from .read_table import Table, read_table
from .take_back import take_rows_back
from .targets import ID_NO, NAME

PART = 100


def next_import(session: Session) -> tuple[str, str, str] | None:
    """Give the id, hub and worker of an import that waits to be worked on. One query."""
    row = session.exec(
        select(ImportRow)
        .where(col(ImportRow.state).in_(("checking", "writing", "undoing")))
        .order_by(col(ImportRow.made_at))
    ).first()
    return (row.id, row.hub_id, row.undone_by if row.state == "undoing" else row.made_by) if row else None


class Import:
    """One import being worked on; the file is read once."""

    def __init__(self, ctx: Context, import_id: str) -> None:
        row = ctx.session.get_one(ImportRow, import_id)
        self.id = row.id
        self.table: Table = read_table(ctx.files.get(row.digest), row.file_name)
        self.columns = {int(place): key for place, key in row.columns.items()}
        as_of = row.terms.get("as_of") or ""
        rank: Any = row.terms.get("rank", "word")
        self.terms = Terms(rank, str(row.terms.get("source", "")), date.fromisoformat(as_of) if as_of else None)
        self._first: dict[str, int] = {}
        place = next((place for place, key in self.columns.items() if key == ID_NO), None)
        for number, cells in enumerate(self.table.rows if place is not None else ()):
            text = cells[place].text if place is not None else ""
            self._first.setdefault(text, number)

    def work(self, ctx: Context) -> bool:
        """Do the next part; tells whether there is more."""
        row = ctx.session.get_one(ImportRow, self.id, with_for_update=True)
        do: dict[str, Callable[[Context, ImportRow], bool]] = {
            "checking": lambda ctx, row: self._rows(ctx, row, "checked"),
            "writing": self._write,
            "undoing": take_rows_back,
        }
        return do[row.state](ctx, row) if row.state in do else False

    def _write(self, ctx: Context, row: ImportRow) -> bool:
        if row.at_row < row.total:
            return self._rows(ctx, row, "writing")
        make_homes(ctx, row, self)
        row.counts = _count(ctx, row.id)
        row.state, row.finished_at = "done", ctx.clock.now()
        ctx.session.add(row)
        return False

    def _rows(self, ctx: Context, row: ImportRow, then: str) -> bool:
        if row.at_row == 0:
            ctx.session.exec(delete(ImportedRow).where(col(ImportedRow.import_id) == row.id))
        part = range(row.at_row, min(row.at_row + PART, row.total))
        for number in part:
            ctx.session.add(self._row(ctx, number, is_dry=row.state == "checking"))
            ctx.session.flush()
        row.at_row = part.stop
        row.counts = _count(ctx, row.id)
        is_over = row.at_row >= row.total
        if is_over and row.state == "checking":
            row.state = then
        ctx.session.add(row)
        return not is_over or row.state == "writing"

    def read(self, number: int, today: date) -> Read:
        """Read one row, and whether its number stands in an earlier one."""
        cells = self.table.rows[number]
        read = read_row(cells, self.columns, self.terms, today)
        if read.person and read.person.id_no:
            place = next(place for place, key in self.columns.items() if key == ID_NO)
            first = self._first[cells[place].text]
            if first != number:
                zh, en = (
                    f"与第{first + self.table.first}行是同一个号码。",
                    f"The same number as row {first + self.table.first}.",
                )
                read.problems.append((place, Problem("twice_in_file", zh, en)))
        return read

    def _row(self, ctx: Context, number: int, *, is_dry: bool) -> ImportedRow:
        read = self.read(number, ctx.clock.today())
        made = ImportedRow(import_id=self.id, number=number + self.table.first, state="refused")
        if read.problems or read.person is None:
            made.problems = self._said(read)
            return made
        known = _on_file(ctx, read)
        if known is not None and known.hub_id != ctx.hub.id:
            zh, en = (
                "此人在其他站点建档。请居民办理迁入。",
                "This person is on file at another hub. Let them move in first.",
            )
            read.problems.append((-1, Problem("elsewhere", zh, en)))
            made.problems = self._said(read)
            return made
        if known is None and (likely := likely_duplicates(ctx, read.person, 3)):
            made.state, made.made = "likely", {"likely": [one.person.id for one in likely]}
            return made
        return self._fill(ctx, made, (read, read.person), known, is_dry=is_dry)

    def _fill(
        self, ctx: Context, made: ImportedRow, said: tuple[Read, PersonInput], known: PersonRow | None, *, is_dry: bool
    ) -> ImportedRow:
        read, person = said
        if known is None:
            made.state = "new"
            if not is_dry:
                row = register_person(ctx, person, purpose=purpose_of(self.id))
                record_facts(ctx, row.id, read.facts, purpose=purpose_of(self.id))
                made.person_id, made.made = row.id, {"is_opened": True}
            return made
        fresh = _unknown(ctx, known, said, self.terms)
        made.person_id, made.state = known.id, "known" if fresh else "same"
        if fresh and not is_dry:
            record_facts(ctx, known.id, fresh, purpose=purpose_of(self.id))
        return made

    def _said(self, read: Read) -> dict[str, Any]:
        return {
            "list": [
                [self.table.names[place] if place >= 0 else "", one.zh, one.en]
                for place, one in sorted(read.problems, key=lambda p: p[0])
            ]
        }


def purpose_of(import_id: str) -> str:
    """Name the purpose every fact of an import carries: by it they are found and taken back."""
    return f"import:{import_id}"


def _on_file(ctx: Context, read: Read) -> PersonRow | None:
    person = read.person
    if person is None or not person.id_no:
        return None
    query = select(PersonRow).where(col(PersonRow.id_index).in_(id_keys(ctx.keys, person.id_type, person.id_no)))
    return ctx.session.exec(query).first()


def _unknown(ctx: Context, known: PersonRow, row: tuple[Read, PersonInput], terms: Terms) -> list[FactInput]:
    """Give what the row says and this source has not said before; the number itself is known."""
    read, person = row
    said = [FactInput(NAME, person.name, terms.rank, terms.source, terms.as_of), *read.facts]
    own = {"person.sex": person.sex, "person.birth_date": person.birth_date, "person.phone": person.phone}
    said += [FactInput(key, value, terms.rank, terms.source, terms.as_of) for key, value in own.items() if value]
    history = read_history(ctx, known.id, {one.key for one in said})
    current = choose(history)

    def is_known(one: FactInput) -> bool:
        value = one.value.isoformat() if isinstance(one.value, date) else one.value
        before = [fact for fact in history.get(one.key, ()) if (fact.rank, fact.source) == (one.rank, one.source)]
        counts = current.get(one.key)
        return bool(before and before[0].value == value) or (
            counts is not None and counts.value == value and one.rank == "word"
        )

    return [one for one in said if not is_known(one)]


def _count(ctx: Context, import_id: str) -> dict[str, int]:
    ctx.session.flush()
    query = (
        select(ImportedRow.state, func.count()).where(ImportedRow.import_id == import_id).group_by(ImportedRow.state)
    )
    return dict(ctx.session.exec(query).all())
