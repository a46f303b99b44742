"""Every route says who may use it; the application refuses to start with one that does not."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])

#: For pages before sign-in, and for any signed-in worker at no hub in particular.
PUBLIC, SIGNED_IN = "public", "signed-in"
#: For the machine interface: the route checks a bearer token itself, through one function.
TOKEN = "token"  # noqa: S105 - the name of a permission


class OpenRoute(Exception):
    """A route has no declared permission; nobody would know who may use it."""


def permit(verb: str) -> Callable[[View], View]:
    """Declare who may use a view: PUBLIC, SIGNED_IN, TOKEN, or a verb asked at the hub in the URL."""

    def mark(view: View) -> View:
        view.permission = verb  # type: ignore[attr-defined]
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> str:
    """Give the permission a view declared; raises OpenRoute."""
    view = app.view_functions[endpoint]
    verb = getattr(view, "permission", None) or getattr(getattr(view, "view_class", None), "permission", None)
    if verb is None:
        raise OpenRoute(endpoint)
    return str(verb)


def refuse_open_routes(app: Flask, verbs: frozenset[str]) -> None:
    """Raise OpenRoute for any route whose permission is missing or unknown."""
    known = verbs | {PUBLIC, SIGNED_IN, TOKEN}
    for rule in app.url_map.iter_rules():
        if permission_of(app, rule.endpoint) not in known:
            raise OpenRoute(f"{rule.endpoint}: unknown permission {permission_of(app, rule.endpoint)!r}")
