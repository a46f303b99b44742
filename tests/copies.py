"""Databases for tests on PostgreSQL: copies of one template, emptied and used again; making one takes far longer."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from workbench.store.ids import new_id

#: What a copy shares with its template, down to the number of every object, until a test changes its tables.
SHAPE = """SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
  SELECT concat_ws(' ', 'c', oid, relname, relkind) FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
  UNION ALL SELECT concat_ws(' ', 'a', attrelid, attname, atttypid, attnotnull, atthasdef)
    FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
  UNION ALL SELECT concat_ws(' ', 'o', oid, conname) FROM pg_constraint WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', 't', oid, tgname, tgenabled) FROM pg_trigger WHERE oid >= 16384 AND NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', 'p', oid, proname, md5(prosrc)) FROM pg_proc WHERE oid >= 16384
) AS parts(part)"""
WRITTEN = "SELECT relname FROM pg_class WHERE relkind = 'r' AND oid >= 16384 AND pg_relation_size(oid) > 0"
#: Every sequence with the number it gave last, and whether it gave any.
NUMBERS = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
END_OTHERS = """SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Copies:
    """Copies of the database at a URL."""

    def __init__(self, template: str) -> None:
        self.server, _, rest = template.rpartition("/")
        self.name = rest.partition("?")[0]
        self.free: list[str] = []
        with self._connect(self.name) as connection:
            self.shape = connection.execute(SHAPE).fetchone()
            self.numbers = connection.execute(NUMBERS).fetchall()
            self.rows = {table: self._read(connection, table) for table in self._written(connection)}

    @contextmanager
    def one(self) -> Iterator[str]:
        """Give the URL of a database that holds what the template holds."""
        name = self.free.pop() if self.free else self._make()
        yield f"{self.server}/{name}"
        if self._restore(name):
            self.free.append(name)
        else:
            self._drop(name)

    def _connect(self, name: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(f"{self.server.replace('+psycopg', '')}/{name}", autocommit=True)

    def _make(self) -> str:
        name = f"test_{new_id().lower()}"
        with self._connect("postgres") as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, self.name))))
        return name

    def _drop(self, name: str) -> None:
        with self._connect("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _written(self, connection: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
        return [str(name) for (name,) in connection.execute(WRITTEN)]

    def _read(self, connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> bytes:
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
            return b"".join(bytes(part) for part in rows)

    def _restore(self, name: str) -> bool:
        """Put back what the template holds; false where tables were changed, which no emptying undoes."""
        with self._connect(name) as connection:
            connection.execute(END_OTHERS)
            if connection.execute(SHAPE).fetchone() != self.shape:
                return False
            written = self._written(connection)
            connection.cursor().executemany("SELECT setval(%s::regclass, %s, %s)", self.numbers)
            with connection.transaction():
                connection.execute("SET LOCAL session_replication_role = replica")  # neither keys nor triggers ask
                for table in written:
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                for table, rows in self.rows.items():
                    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                        copy.write(rows)
            if written:
                named = sql.SQL(", ").join(map(sql.Identifier, written))
                connection.execute(sql.SQL("VACUUM {}").format(named))
        return True
