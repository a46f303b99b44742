"""The pretend department of any declared platform: a real server that speaks what its platform.toml says.

It reads the tables on its own and shares no code with the adapter, so that a mistake there cannot
hide behind the same mistake here. `serve(home, folder)` blocks; the faults of each way are in `FAULTS`.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ..department import DepartmentHome
from .shape import Shape, read_shape

#: Way -> module below this package, imported when it is served: some need packages others do not.
WAYS: Mapping[str, str] = MappingProxyType(
    {"rest": "rest", "soap": "soap", "sftp": "files", "exchange_db": "tables", "web_form": "pages", "rekey": "screens"}
)


def can_pretend(way: str) -> bool:
    """Tell whether a declared platform of this way has a pretend department."""
    return way in WAYS


def faults_of(way: str) -> dict[str, str]:
    """Give the switches of the faults file, and what each does while it is on."""
    return dict(importlib.import_module(f"{__name__}.{WAYS[way]}").FAULTS)


def serve(home: DepartmentHome, folder: Path) -> None:
    """Serve the platform declared in a folder until the process is ended."""
    shape = read_shape(folder)
    importlib.import_module(f"{__name__}.{WAYS[shape.platform.way]}").serve(home, shape)


__all__ = ["Shape", "can_pretend", "faults_of", "serve"]
