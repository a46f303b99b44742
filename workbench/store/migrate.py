"""Migrations: one chain and one version table for the core, and one of each for every line.

SQLite migrates with foreign keys off (a table rebuild would otherwise delete child rows) and
proves them before commit; PostgreSQL migrates under an advisory lock. All or nothing on both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.schema import SchemaItem

from .engine import Store

ENVIRONMENT = Path(__file__).with_name("alembic_environment")
LOCK = 0x776F726B  # any fixed number: one migrator at a time


class ForeignSchema(Exception):
    """The database was made by a version this program does not know; it is left untouched."""


@dataclass(frozen=True)
class Chain:
    """One owner's migrations: "core" or a line's id."""

    owner: str
    folder: Path
    metadata: MetaData

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.owner}"

    def owns(self, item: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        """Tell a chain's own tables: a line's start with line_<id>_, the core's with no line's prefix."""
        if kind != "table" or name is None:
            return True
        if self.owner != "core":
            return name.startswith(f"line_{self.owner}_")
        return not name.startswith(("line_", "alembic_version_"))

    def config(self, connection: Connection) -> Config:
        """Make the configuration Alembic's commands want."""
        config = Config(attributes={"chain": self, "connection": connection})
        config.set_main_option("script_location", str(ENVIRONMENT))
        config.set_main_option("version_locations", str(self.folder))
        config.set_main_option("path_separator", "newline")
        return config


def upgrade(store: Store, chain: Chain) -> None:
    """Bring one chain to its head; safe to call again and from several processes."""
    with _migrating(store) as connection:
        config = chain.config(connection)
        _refuse_foreign(connection, chain)
        command.upgrade(config, "head")


def remove(store: Store, chain: Chain) -> None:
    """Undo a whole chain and drop its version table; nothing of its owner stays."""
    with _migrating(store) as connection:
        command.downgrade(chain.config(connection), "base")
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{chain.version_table}"')


def lower(store: Store, chain: Chain, known: Chain | None) -> str:
    """Take a chain back to the newest revision another version of it knows, or away; gives where it stands then."""
    with _migrating(store) as connection:
        config, standing = chain.config(connection), _standing(connection, chain)
        theirs = _revisions(known, connection) if known else frozenset()
        for script in ScriptDirectory.from_config(config).iterate_revisions(standing, "base") if standing else ():
            if script.revision in theirs:
                command.downgrade(config, script.revision)
                return script.revision
        command.downgrade(config, "base")
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{chain.version_table}"')
    return ""


def knows_standing(store: Store, chain: Chain | None, owner: str) -> bool:
    """Tell whether a version's migrations know where its tables stand; without any, whether there are none."""
    with _looking(store) as connection:
        options = {"version_table": f"alembic_version_{owner}"}
        standing = MigrationContext.configure(connection, opts=options).get_current_revision()
        return standing is None or (chain is not None and standing in _revisions(chain, connection))


def _revisions(chain: Chain, connection: Connection) -> frozenset[str]:
    scripts = ScriptDirectory.from_config(chain.config(connection))
    return frozenset(script.revision for script in scripts.walk_revisions())


def current(store: Store, chain: Chain) -> str | None:
    """Give the revision the database stands at."""
    with _looking(store) as connection:
        return _standing(connection, chain)


def is_current(store: Store, chain: Chain) -> bool:
    """Tell whether the chain stands at its head."""
    with _looking(store) as connection:
        scripts = ScriptDirectory.from_config(chain.config(connection))
        return _standing(connection, chain) == scripts.get_current_head()


def differences(store: Store, chain: Chain) -> list[Any]:
    """List what the tables in code have and the database has not; empty when they agree."""
    options = {"version_table": chain.version_table, "include_object": chain.owns, "compare_type": False}
    with _looking(store) as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, chain.metadata))


def write_revision(store: Store, chain: Chain, message: str, number: str) -> None:
    """Write the next revision from the difference between code and database, for its author to read."""
    with _migrating(store) as connection:
        command.revision(chain.config(connection), message, autogenerate=True, rev_id=number)


def _looking(store: Store) -> Connection:
    """Connect to look only: a look must not wait for a writer."""
    return store.engine.execution_options(readonly=True).connect()


def _standing(connection: Connection, chain: Chain) -> str | None:
    options = {"version_table": chain.version_table}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _refuse_foreign(connection: Connection, chain: Chain) -> None:
    standing = _standing(connection, chain)
    if standing is not None and standing not in _revisions(chain, connection):
        raise ForeignSchema(f"{chain.owner}: the database stands at {standing!r}, which this version does not know")


@contextmanager
def _migrating(store: Store) -> Iterator[Connection]:
    with store.engine.connect() as connection:
        if not store.is_sqlite:
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                yield connection
            return
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                    raise ForeignSchema(f"the migration would break references: {broken[:3]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
