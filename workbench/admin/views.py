"""The pages of this room, gathered: importing a module adds its routes to the one blueprint."""

from . import (
    accounts,
    calendar,
    clients,
    documents,
    health,
    items,
    line_settings,
    lines,
    opening,
    platforms,
    posts,
    providers,
    tasks,
    tokens,
    trail,
    worker,
    workers,
)  # fmt: skip
from .frame import blueprint

__all__ = [
    "accounts",
    "blueprint",
    "calendar",
    "clients",
    "documents",
    "health",
    "items",
    "line_settings",
    "lines",
    "opening",
    "platforms",
    "posts",
    "providers",
    "tasks",
    "tokens",
    "trail",
    "worker",
    "workers",
]
