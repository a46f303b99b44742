"""Addresses of pages in other rooms: a room that is not there leaves no dead link behind."""

from typing import Any

from flask import current_app, g, url_for


def link(endpoint: str, **values: Any) -> str:
    """Give the address of a page at this hub, "" when the program has no such page."""
    if endpoint not in current_app.view_functions:
        return ""
    hub = g.get("hub")
    if hub is not None:
        values.setdefault("hub", hub.id)
    return url_for(endpoint, **values)
