"""Everything that refers to a person, in every room: found from the foreign keys, so no new table is forgotten."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, and_, delete, or_, select, update
from sqlmodel import Session, SQLModel

from .models import PersonKeyRow, PersonRow
from .raw_rows import PART, Row, read_rows

Keys = list[list[Any]]
#: Search keys follow the name; they are written anew, not moved.
APART = frozenset({PersonKeyRow.__tablename__})


def references() -> Iterator[tuple[Table, Column[Any]]]:
    """Give every column that points at a person."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            targets = {(key.column.table.name, key.column.name) for key in column.foreign_keys}
            if (PersonRow.__tablename__, "id") in targets and table.name not in APART:
                yield table, column


def move_over(session: Session, gone_id: str, kept_id: str) -> tuple[dict[str, Keys], dict[str, list[Row]]]:
    """Let everything of one person belong to another.

    Gives the primary keys of what went over, by "table.column", and the rows, by table, that were taken
    away because the other person has the same already: the membership of one household, for one.
    """
    moved: dict[str, Keys] = {}
    taken_away: dict[str, list[Row]] = {}
    for table, column in references():
        if doubles := _doubles(session, table, column, gone_id, kept_id):
            taken_away.setdefault(table.name, []).extend(doubles)
            for row in doubles:
                session.connection().execute(delete(table).where(_is(table, row)))
        own = list(table.primary_key.columns)
        keys = [list(row) for row in session.connection().execute(select(*own).where(column == gone_id))]
        if keys:
            moved[f"{table.name}.{column.name}"] = keys
            session.connection().execute(update(table).where(column == gone_id).values({column.name: kept_id}))
    return moved, taken_away


def move_back(session: Session, moved: dict[str, Keys], gone_id: str, kept_id: str) -> None:
    """Give back what `move_over` moved; what was removed since stays removed."""
    for table, column in references():
        for keys in _parts(moved.get(f"{table.name}.{column.name}", [])):
            own = list(table.primary_key.columns)
            those = or_(*(_has_key(own, key, column, kept_id) for key in keys))
            given = update(table).where(column == kept_id, those).values({column.name: gone_id})
            session.connection().execute(given)


def _has_key(own: Sequence[Column[Any]], key: list[Any], column: Column[Any], kept_id: str) -> Any:
    """Match a row by the key it had; where the person is part of the key, it is the other one now."""
    return and_(*(c == (kept_id if c is column else value) for c, value in zip(own, key, strict=True)))


def _parts(keys: Keys) -> Iterable[Keys]:
    return (keys[start : start + PART] for start in range(0, len(keys), PART))


def _doubles(session: Session, table: Table, column: Column[Any], gone_id: str, kept_id: str) -> list[Row]:
    """Give the rows of one person of which the other may have no second: they differ in the person only."""
    found: dict[tuple[Any, ...], Row] = {}
    for others in _unique_with(table, column):
        held = {tuple(row[name] for name in others) for row in read_rows(session, table, column == kept_id)}
        for row in read_rows(session, table, column == gone_id):
            if tuple(row[name] for name in others) in held:
                found[tuple(row[key.name] for key in table.primary_key.columns)] = row
    return list(found.values())


def _unique_with(table: Table, column: Column[Any]) -> Iterator[list[str]]:
    """Give, for each rule by which a person may stand only once, the other columns of the rule."""
    rules = [constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    rules += [index.columns for index in table.indexes if index.unique]
    for columns in [table.primary_key.columns, *rules]:
        names = [one.name for one in columns]
        if column.name in names:
            yield [name for name in names if name != column.name]


def _is(table: Table, row: Row) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))
