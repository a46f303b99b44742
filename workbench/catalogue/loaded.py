"""The catalogue of what is installed: files are read once per process, corrections laid over them when they change."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock

from ..host.discover import Installed
from .items import Catalogue, Item, load_catalogue


@dataclass
class _Loaded:
    installed: Installed  # kept alive: it is known by its identity
    files: Catalogue
    current: Catalogue


_lock = Lock()
#: Tests make several, a program has one.
_loaded: dict[int, _Loaded] = {}
KEPT = 8


def catalogue(installed: Installed) -> Catalogue:
    """Give the catalogue of these lines; the same object until a correction is published or taken back."""
    return _known(installed).current


def lay_over(installed: Installed, published: Iterable[Item], former: Iterable[Item]) -> None:
    """Put corrections, the latest first, before what the files say; those of a line that is gone wait for it."""
    known = _known(installed)
    lines = {line.id for line in installed.ready_lines}
    offered = tuple(item for item in published if item.line_id in lines)
    known.current = replace(known.files, items=(*offered, *known.files.items), former=tuple(former))


def _known(installed: Installed) -> _Loaded:
    with _lock:
        known = _loaded.get(id(installed))
        if known is None:
            files = load_catalogue(installed.lines)
            known = _Loaded(installed, files, files)
            for oldest in list(_loaded)[: len(_loaded) - KEPT + 1]:
                del _loaded[oldest]
            _loaded[id(installed)] = known
        return known
