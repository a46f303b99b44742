"""Which facts are sealed at rest. The dictionary of fields knows; the application tells this room at start.

Until it is told, every value is sealed: forgetting to tell costs time, never secrecy.
"""

from collections.abc import Callable


def _everything(key: str) -> bool:
    return True


_check: Callable[[str], bool] = _everything


def set_sensitivity(check: Callable[[str], bool] | None = None) -> None:
    """Say how to tell a sensitive fact by its key; None seals everything again."""
    global _check
    _check = check or _everything


def is_sensitive(key: str) -> bool:
    """Tell whether values of a key must be sealed."""
    return _check(key)
