"""Says in one line what went wrong where the reason is known; what is not known stays a traceback."""

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError, ProgrammingError

from ..host.discover import discover
from ..store.lost_keys import KeysLost
from ..store.migrate import ForeignSchema
from ..store.problems import Problem
from ..testing.departments import AlreadyRunning, NoSuchDepartment, departments

MIGRATE = "run: workbench db migrate"


def explain(error: Exception) -> str | None:
    """Give what the person at the command line should know; None for what nobody expected."""
    match error:
        case Problem():
            return error.en
        case ForeignSchema():
            return f"{error}; use the version of the workbench that made it, or a newer one"
        case NoSuchDepartment():
            return f"no pretend department for {error}; there are: {', '.join(m.id for m in departments())}"
        case AlreadyRunning():
            return f"the pretend department {error} runs already"
        case CommandError() | PermissionError() | NoSuchModuleError() | KeysLost():
            return str(error)
        case DBAPIError():
            return _explain_database(error)
    return None


def _explain_database(error: DBAPIError) -> str | None:
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if "no such table" in text or ("relation" in text and "does not exist" in text):
        return f"the database has no tables of the workbench yet; {MIGRATE}"
    if isinstance(error, OperationalError):
        return f"the database cannot be reached: {text}"
    if isinstance(error, ProgrammingError) and "does not exist" in text:
        return f"the database is behind this version ({text}); {MIGRATE}"
    return None


def known_lines() -> str:
    """Name the installed lines, for messages."""
    return ", ".join(line.id for line in discover().lines) or "none"
