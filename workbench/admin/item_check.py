"""What keeps a corrected item from being published, said beside the field it is about."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from ..api.manifest import ItemManifest
from ..checks.rules import ITEM_RULES
from ..checks.world import World, look_around
from ..store.problems import Problem
from .item_form import FIELDS


@cache
def _world() -> World:
    return look_around()


def find_problems(content: Mapping[str, Any]) -> dict[str, Problem]:
    """Ask what `workbench check` asks of an item; what the form does not show is told at the top, under ""."""
    try:
        manifest = ItemManifest.model_validate(content)
    except ValidationError as error:
        return dict(_problem(tuple(detail["loc"]), str(detail["msg"])) for detail in error.errors())
    faults = [fault for ask in ITEM_RULES.values() for fault in ask(manifest, _world())]
    return dict(_problem(fault.place, f"{fault.text} ({fault.hint})".removesuffix(" ()")) for fault in reversed(faults))


def _problem(place: tuple[Any, ...], text: str) -> tuple[str, Problem]:
    control = _control(place)
    return control, Problem("wrong", text, text, field=control)


def _control(place: tuple[Any, ...]) -> str:
    """Name the control of the form a place in the item belongs to."""
    if len(place) == 3 and place[0] == "materials":
        return f"materials-{place[1]}-{place[2]}"
    return str(place[0]) if place and place[0] in FIELDS else ""
