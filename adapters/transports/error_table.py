"""Error tables of platforms: `codes/errors.csv` says which recovery each of their codes asks for."""

from adapters.code_map import CodeMap
from workbench.api import (
    AdapterError,
    BrokenPromise,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Refused,
    TryLater,
)

RECOVERIES: dict[str, type[AdapterError]] = {
    "try_later": TryLater,
    "needs_credentials": NeedsCredentials,
    "needs_settings": NeedsSettings,
    "broken_promise": BrokenPromise,
    "outcome_unknown": OutcomeUnknown,
}


def error_of(table: CodeMap, code: str, text: str, field: str = "") -> AdapterError:
    """Make the error their code asks for; a code nobody agreed on is a broken promise.

    Only a refusal carries their words: all other errors go to logs, where words could name a resident.
    """
    recovery = table.by_theirs.get(code)
    if recovery == "refused":
        return Refused(text or table.names[code], code=code, field=field or None)
    if recovery is None:
        return BrokenPromise("answered an error code that was never agreed")
    return RECOVERIES[recovery](f"{code} {table.names[code]}".strip())
