"""The catalogue of what is installed, read once per process: items change only when something is installed."""

from threading import Lock

from ..host.discover import Installed
from .items import Catalogue, load_catalogue

_lock = Lock()
#: Keyed by identity, with the object kept alive beside it; tests make several, a program has one.
_loaded: dict[int, tuple[Installed, Catalogue]] = {}
KEPT = 8


def catalogue(installed: Installed) -> Catalogue:
    """Give the catalogue of these lines; the same object every time."""
    with _lock:
        known = _loaded.get(id(installed))
        if known is None:
            known = (installed, load_catalogue(installed.lines))
            for oldest in list(_loaded)[: len(_loaded) - KEPT + 1]:
                del _loaded[oldest]
            _loaded[id(installed)] = known
        return known[1]
