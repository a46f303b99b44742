"""The open lines as links to their items, each with how many it has."""

from collections.abc import Iterable
from typing import Any

from ..host.discover import Line
from ..web.language import bilingual
from .items import Offer


def line_links(lines: Iterable[Line], offer: Offer, list_url: str, chosen: str) -> list[dict[str, Any]]:
    """Give the lines in the order of the hub; `chosen` is the one whose items are listed."""
    return [
        {
            "title": bilingual(line.name_zh, line.name_en),
            "count": len(offer.by_line.get(line.id, ())),
            "url": f"{list_url}?line={line.id}",
            "is_chosen": line.id == chosen,
        }
        for line in lines
    ]
