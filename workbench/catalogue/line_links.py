"""The open lines as links to their items, each with how many it has."""

from collections.abc import Iterable
from typing import NamedTuple

from ..host.discover import Line
from ..web.language import current_locale
from .items import Offer


class LineLink(NamedTuple):
    """One line; a hub may have a hundred, and every look for an item shows them."""

    title: str
    items: int
    url: str
    is_chosen: bool


def line_links(lines: Iterable[Line], offer: Offer, list_url: str, chosen: str) -> list[LineLink]:
    """Give the lines in the order of the hub; `chosen` is the one whose items are listed."""
    is_english = current_locale() == "en"
    return [
        LineLink(
            (line.name_en or line.name_zh) if is_english else line.name_zh,
            len(offer.by_line.get(line.id, ())),
            f"{list_url}?line={line.id}",
            line.id == chosen,
        )
        for line in lines
    ]
