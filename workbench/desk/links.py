"""Addresses of pages in other rooms: a room that is not there leaves no dead link behind."""

from collections.abc import Callable
from typing import Any

from ..api.nouns import Hub
from ..identity.may import may
from ..web.addresses import address
from ..web.here import application, asked, held

#: Stands for an id of ours, which needs no quoting.
PLACE = "0PLACE0"
KEPT, KEPT_TO = "workbench.links", "workbench.links_to"


def link(endpoint: str, **values: Any) -> str:
    """Give the address of a page at this hub, "" when the program has no such page."""
    hub = held().get("hub")
    if values:
        return _address(endpoint, hub, values)
    kept: dict[Any, str] = application().extensions.setdefault(KEPT, {})
    key = (endpoint, hub and hub.id, asked().script_root)
    if key not in kept:  # the same few for every page of a hub
        kept[key] = _address(endpoint, hub, {})
    return kept[key]


def _address(endpoint: str, hub: Hub | None, values: dict[str, Any]) -> str:
    if endpoint not in application().view_functions:
        return ""
    if hub is not None:
        values.setdefault("hub", hub.id)
    return address(endpoint, **values)


def case_link(case_id: str, state: str) -> str:
    """Give the page of a case: its form while it is a draft."""
    return link("reception.form" if state == "draft" else "cases.case", case_id=case_id)


def new_url() -> str:
    """Give the page that puts a resident on file, "" for whoever may not."""
    return link("people.new") if may(held().worker, "accept") else ""


def resident_link(person_id: str) -> str:
    """Give the page of a resident."""
    return link("home.resident", person_id=person_id)


def links_to(endpoint: str, name: str) -> Callable[[str], str]:
    """Give what writes the addresses of many pages that differ in one id only."""
    kept: dict[Any, Callable[[str], str]] = application().extensions.setdefault(KEPT_TO, {})
    hub = held().get("hub")
    key = (endpoint, name, hub and hub.id, asked().script_root)
    if key not in kept:
        head, _, tail = link(endpoint, **{name: PLACE}).partition(PLACE)
        kept[key] = lambda one: f"{head}{one}{tail}" if head else ""
    return kept[key]
