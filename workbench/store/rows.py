"""Narrow rows by statements that are prepared once per program and run below the ORM.

A prepared statement stands at the top of its module with `bindparam` for what changes. It is compiled once
per database; running it binds the values, asks the driver and converts the columns that need it. Rows that are
written together go to the database together: one statement per table, however many rows. Whoever listens to
`before_cursor_execute` hears of all of it.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Engine, Insert, SelectBase, TextClause, insert
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.visitors import iterate
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from . import idle
from .brief import Brief
from .reading import ReadingSession

Statement = SelectBase | UpdateBase | TextClause
Convert = Callable[[Any], Any]
T = TypeVar("T")
PLACE = "workbench_prepared"


class Rows:
    """The rows of one answer, all read: named tuples."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """Give all rows."""
        return self._rows

    def first(self) -> Any:
        """Give the first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Give the only row; raises NoResultFound or MultipleResultsFound."""
        if len(self._rows) != 1:
            raise MultipleResultsFound if self._rows else NoResultFound
        return self._rows[0]

    def scalars(self) -> list[Any]:
        """Give the first column of all rows."""
        return [row[0] for row in self._rows]

    def scalar_one(self) -> Any:
        """Give the only column of the only row."""
        return self.one()[0]


class Prepared:
    """One statement, compiled for each database it is run on."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._is_insert = isinstance(statement, Insert)
        binds = (one for one in iterate(statement) if isinstance(one, BindParameter))
        self._lists = tuple(dict.fromkeys(bind.key for bind in binds if bind.expanding and bind.required))

    def on(self, dialect: Dialect, values: Mapping[str, Any]) -> "Compiled":
        """Give the statement as this database wants it, for lists of these lengths."""
        known: dict[Any, Compiled] = dialect.__dict__.setdefault(PLACE, {})
        names = tuple(values) if self._is_insert else ()
        key = (self, names, *[len(values[name]) for name in self._lists]) if names or self._lists else self
        found = known.get(key)
        if found is None:
            found = known[key] = Compiled(self.statement, dialect, values, names)
        return found


def prepare(statement: Statement) -> Prepared:
    """Prepare a statement; to be done once, at the top of a module."""
    return Prepared(statement)


class Compiled:
    """A statement's text with the way of its values in and of its columns out."""

    def __init__(self, statement: Any, dialect: Dialect, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
        self._dialect = dialect
        self._error: type[Exception] = dialect.loaded_dbapi.Error
        columns = list(getattr(statement, "exported_columns", ()))
        how = {"column_keys": list(names) or None, "for_executemany": not columns}  # else it would ask for the new key
        compiled: Any = statement.compile(dialect=dialect, **how)
        state = compiled.construct_expanded_state(values)
        self.text = state.statement
        self._scalars: list[tuple[Any, str, Convert | None]] = []
        self._items: list[tuple[Any, str, int, Convert | None]] = []
        self._is_positional = compiled.positional
        #: The values before any is bound: what is the same every time stands in its place.
        self._blank: Any = [None] * len(state.positiontup) if compiled.positional else {}
        self._place_values(compiled, state, values)
        self._columns = columns
        self._row: Any = namedtuple("Row", [column.key or "_" for column in columns], rename=True)  # type: ignore[misc]
        self._converts: list[tuple[int, Convert]] | None = None

    def _place_values(self, compiled: SQLCompiler, state: Any, values: Mapping[str, Any]) -> None:
        converts: dict[str, Any] = {**compiled._bind_processors, **state.processors}
        origin = {
            name: (key, number)
            for key, found in state.parameter_expansion.items()
            for number, name in enumerate(found)
            if key in values
        }
        defaults = _defaults(compiled)
        places = enumerate(state.positiontup) if compiled.positional else ((n, n) for n in state.parameters)
        for place, name in places:
            convert = converts.get(name)
            if name in values:
                self._scalars.append((place, name, convert))
            elif name in origin:
                self._items.append((place, *origin[name], convert))
            else:
                value = defaults.get(name, state.parameters[name])
                self._blank[place] = convert(value) if convert else value

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Give the values as the driver wants them: in order, or by name."""
        bound = self._blank.copy()
        for place, name, convert in self._scalars:
            value = values[name]
            bound[place] = convert(value) if convert else value
        for place, name, number, convert in self._items:
            value = values[name][number]
            bound[place] = convert(value) if convert else value
        return tuple(bound) if self._is_positional else bound  # whoever listens expects what SQLAlchemy gives

    def run_each(self, connection: DBAPIConnection, rows: Sequence[Mapping[str, Any]], heard: Any) -> None:
        """Run it once for each row of values, in one go."""
        bound = [self.bind(row) for row in rows]
        for listener in heard:
            listener(None, None, self.text, bound, None, True)
        try:
            connection.cursor().executemany(self.text, bound)
        except self._error as error:
            raise self._translated(error, bound) from error

    def run(self, connection: DBAPIConnection, values: Mapping[str, Any], heard: Any) -> Rows:
        """Run it on the driver's connection; raises what SQLAlchemy raises."""
        bound = self.bind(values)
        for listener in heard:
            listener(None, None, self.text, bound, None, False)
        driver: Any = connection
        try:
            cursor = driver.execute(self.text, bound)
            return Rows(self._read(cursor) if self._columns else [])
        except self._error as error:
            raise self._translated(error, bound) from error

    def _translated(self, error: Exception, bound: Any) -> BaseException:
        """Give what SQLAlchemy raises where the driver raises its own."""
        return DBAPIError.instance(self.text, bound, error, self._error, hide_parameters=True, dialect=self._dialect)

    def _read(self, cursor: Any) -> list[Any]:
        found, make = cursor.fetchall(), self._row._make
        if self._converts is None:
            kinds = [one[1] for one in cursor.description]
            pairs = [(n, self._convert(self._columns[n].type, kind)) for n, kind in enumerate(kinds)]
            self._converts = [(number, convert) for number, convert in pairs if convert]
        if not self._converts:
            return list(map(make, found))
        rows = []
        for row in found:
            cells = list(row)
            for number, convert in self._converts:
                cells[number] = convert(cells[number])
            rows.append(make(cells))
        return rows

    def _convert(self, type_: Any, kind: Any) -> Convert | None:
        if isinstance(type_, UTCDateTime) and self._dialect.name == "sqlite":
            return _read_utc  # a page reads dozens: one step instead of four
        convert: Convert | None = type_.dialect_impl(self._dialect).result_processor(self._dialect, kind)
        return convert


def _read_utc(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """Give the values of columns nobody named in an INSERT."""
    left = getattr(compiled, "insert_prefetch", ())
    if made := [column.key for column in left if not column.default.is_scalar]:
        raise TypeError(f"give a value for {', '.join(made)}: only plain defaults are known here")
    return {column.key: column.default.arg for column in left}


def even(values: Sequence[T]) -> list[T]:
    """Fill a list for an IN up to one of few lengths, so that few texts are prepared; naming twice changes nothing."""
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (size - len(values))]


def run(session: Session | Brief, statement: Prepared, **values: Any) -> Rows:
    """Run a prepared statement in a session; what the session holds unwritten is written first."""
    driver, connection = _driver(session)
    try:
        return statement.on(connection.dialect, values).run(driver, values, connection.dispatch.before_cursor_execute)
    except DBAPIError as error:
        _let_go(connection, driver, error)
        raise


def run_each(session: Session | Brief, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a prepared statement once for each row of values, in one go; nothing without rows.

    Objects the session holds do not follow: refresh those that were changed.
    """
    if not rows:
        return
    driver, connection = _driver(session)
    try:
        compiled = statement.on(connection.dialect, rows[0])
        compiled.run_each(driver, rows, connection.dispatch.before_cursor_execute)
    except DBAPIError as error:
        _let_go(connection, driver, error)
        raise


def add(session: Session | Brief, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a table in one go. All name the same columns; the others get their plain defaults."""
    run_each(session, _insert(table), rows)


@cache
def _insert(table: type[SQLModel]) -> Prepared:
    return prepare(insert(table))


def _driver(session: Session | Brief) -> tuple[DBAPIConnection, Connection | Brief]:
    """Give the driver's connection of a session's transaction, after everything unwritten was written."""
    if isinstance(session, ReadingSession):
        session = session.below()
    if isinstance(session, Brief):
        return session.driver, session
    if session.autoflush:
        session.flush()
    known = session.info.get(PLACE)  # finding it out costs as much as a short statement
    if known is not None and known[0] is session.get_transaction() and not known[2].invalidated:
        return known[1], known[2]
    connection = session.connection()
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    session.info[PLACE] = session.get_transaction(), driver, connection
    return driver, connection


def _let_go(connection: Connection | Brief, driver: DBAPIConnection, error: DBAPIError) -> None:
    """Keep a connection that was lost out of the pool."""
    orig: Any = error.orig
    if connection.dialect.is_disconnect(orig, driver, None):
        connection.invalidate(error)


def ask(engine: Engine, statement: Prepared, **values: Any) -> Rows:
    """Run a prepared reading statement by itself, outside any transaction: a fifth of what a session costs."""
    if not hasattr(engine.dialect, idle.IDLE):
        return _ask_pooled(engine, statement, values)
    pooled: Any = idle.take(engine)
    try:
        return statement.on(engine.dialect, values).run(
            pooled.dbapi_connection, values, engine.dispatch.before_cursor_execute
        )
    finally:
        idle.put_back(engine, pooled)


def _ask_pooled(engine: Engine, statement: Prepared, values: Mapping[str, Any]) -> Rows:
    pooled, dialect = engine.raw_connection(), engine.dialect
    driver: Any = pooled.dbapi_connection
    try:
        driver.autocommit = True
        return statement.on(dialect, values).run(driver, values, engine.dispatch.before_cursor_execute)
    except DBAPIError as error:
        if isinstance(error.orig, Exception) and dialect.is_disconnect(error.orig, driver, None):  # type: ignore[arg-type]
            pooled.invalidate(error)
        raise
    finally:
        if pooled.is_valid:
            driver.autocommit = False
        pooled.close()
