"""Takes an import back: households by further events, facts by further rows, files when nothing else is there.

What was recorded after the import stays; what stays is said row by row.
"""

from sqlmodel import col, delete, select

from ..people.belongings import references
from ..people.facts import withdraw_facts
from ..people.household_record import Deed
from ..people.household_undo import undo
from ..people.models import FactRow, MemberRow, PersonKeyRow, PersonRow
from ..store.context import Context
from ..store.problems import Problem
from .models import ImportedRow, ImportRow

PART = 100
#: Tables that hold what the import itself made, and its trail.
OWN = frozenset({"fact", "import_row", "household_change", "household_member"})


def take_rows_back(ctx: Context, row: ImportRow) -> bool:
    """Take the next rows back, the last first; tells whether there is more."""
    query = (
        select(ImportedRow)
        .where(ImportedRow.import_id == row.id, col(ImportedRow.person_id).is_not(None))
        .order_by(col(ImportedRow.number).desc())
        .offset(row.at_row)
        .limit(PART)
    )
    rows = list(ctx.session.exec(query))
    for one in rows:
        _take_homes_back(ctx, one, row.undo_reason)
    ctx.session.flush()
    for one in rows:
        _take_back(ctx, one, row.undo_reason)
        ctx.session.flush()
    row.at_row += len(rows)
    if len(rows) < PART:
        row.state, row.undone_at = "undone", ctx.clock.now()
    ctx.session.add(row)
    return row.state == "undoing"


def _take_homes_back(ctx: Context, one: ImportedRow, reason: str) -> None:
    for event_id in one.made.get("events", []):
        try:
            with ctx.session.begin_nested():
                undo(ctx, event_id, Deed(reason=reason))
        except Problem as problem:
            one.undone = problem.code
    ctx.session.add(one)


def _take_back(ctx: Context, one: ImportedRow, reason: str) -> None:
    person = ctx.session.get_one(PersonRow, one.person_id or "", with_for_update=True)
    purpose = f"import:{one.import_id}"
    facts = select(FactRow.id).where(FactRow.person_id == person.id, FactRow.purpose == purpose)
    withdraw_facts(ctx, person.id, [fact for fact in ctx.session.exec(facts) if fact is not None], reason)
    if not one.made.get("is_opened"):
        one.undone = one.undone or "withdrawn"
    elif _is_used(ctx, person.id, purpose):
        one.undone = "file_stays"
    else:
        _close(ctx, person)
        one.undone = one.undone or "closed"
    ctx.session.add(one)


def _is_used(ctx: Context, person_id: str, purpose: str) -> bool:
    """Tell whether anything refers to a file that the import did not make."""
    later = select(FactRow.id).where(
        FactRow.person_id == person_id, FactRow.purpose != purpose, FactRow.purpose != "withdraw"
    )
    home = select(MemberRow.person_id).where(MemberRow.person_id == person_id, col(MemberRow.until).is_(None))
    if ctx.session.exec(later).first() is not None or ctx.session.exec(home).first() is not None:
        return True
    others = [(table, column) for table, column in references() if table.name not in OWN]
    asked = (
        ctx.session.connection().execute(table.select().where(column == person_id).limit(1)).first()
        for table, column in others
    )
    return any(found is not None for found in asked)


def _close(ctx: Context, person: PersonRow) -> None:
    """Close a file that should never have been opened: nobody finds it, and its number is free again."""
    person.status, person.merged_into = "merged", None
    person.id_no, person.id_index, person.id_masked = None, None, ""
    person.phone, person.phone_index, person.phone_masked = None, None, ""
    person.version += 1
    person.updated_at = ctx.clock.now()
    ctx.session.add(person)
    ctx.session.exec(delete(PersonKeyRow).where(col(PersonKeyRow.person_id) == person.id))
