"""What the open lines add to a resident's page and to a search; a line that fails breaks its own box only."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g

from ..api.nouns import Person
from ..catalogue.items import Item
from ..host.call import Answer
from ..host.discover import Line
from ..web.language import bilingual
from ..web.services import services

Lines = tuple[Line, ...]


def derived_facts(lines: Lines, person: Person) -> dict[str, tuple[Any, str]]:
    """Ask the lines what follows from the facts; the first line to say something about a key counts."""
    found: dict[str, tuple[Any, str]] = {}
    for answer in _ask("person_facts", lines, person=person):
        for key, value in answer.value.items() if isinstance(answer.value, Mapping) else ():
            found.setdefault(str(key), (value, _name(answer)))
    return found


def panels(lines: Lines, person: Person) -> list[dict[str, str]]:
    """Give the boxes of the lines; a box without address says that its line failed."""
    boxes = []
    for answer in _ask("person_panels", lines, person=person):
        box = {"id": f"panel-{answer.line.id}", "title": _name(answer), "url": ""}
        boxes += [box] if answer.fault else [box | _panel(answer, panel, person) for panel in answer.value or ()]
    return boxes


def _panel(answer: Answer, panel: Any, person: Person) -> dict[str, str]:
    path = panel.path.strip("/")
    return {
        "id": f"panel-{answer.line.id}-{path.replace('/', '-')}",
        "title": f"{_name(answer)} · {bilingual(panel.title_zh, panel.title_en)}",
        "url": f"{_mount(answer)}/{path}/{person.id}",
    }


def suggestions(lines: Lines, person: Person, items: Sequence[Item]) -> list[dict[str, str]]:
    """Give what lines propose beyond what rules can say; only items that can be started here."""
    known = {item.code: item.manifest for item in items if item.manifest.status == "in_force"}
    proposed = [one for answer in _ask("suggest_items", lines, person=person) for one in answer.value or ()]
    return [
        {
            "code": one.item_code,
            "title": bilingual(known[one.item_code].title_zh, known[one.item_code].title_en),
            "reason": bilingual(one.reason_zh, one.reason_en),
        }
        for one in proposed
        if one.item_code in known
    ]


def search_boxes(lines: Lines, text: str) -> list[dict[str, Any]]:
    """Ask the lines for further hits; those with none are left out."""
    boxes = [_search_box(answer) for answer in _ask("search", lines, text=text)]
    return [box for box in boxes if box["hits"] or box["fault"]]


def _search_box(answer: Answer) -> dict[str, Any]:
    rows = answer.value if isinstance(answer.value, Sequence) else ()
    hits = [
        {
            "title": bilingual(str(row["title_zh"]), str(row["title_en"])),
            "url": f"{_mount(answer)}/{str(row['path']).lstrip('/')}",
        }
        for row in rows
        if isinstance(row, Mapping) and {"title_zh", "title_en", "path"} <= set(row)
    ]
    return {"title": _name(answer), "hits": hits, "fault": answer.fault}


def _ask(hook: str, lines: Lines, **arguments: Any) -> list[Answer]:
    return services().caller.call(hook, lines, hub=g.hub, worker=g.worker, **arguments)


def _name(answer: Answer) -> str:
    return bilingual(answer.line.name_zh, answer.line.name_en)


def _mount(answer: Answer) -> str:
    return f"/h/{g.hub.id}/{answer.line.id}"
