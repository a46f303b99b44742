"""Words for households: what happened, how members stand to the head."""

from collections.abc import Iterable
from typing import Any

from ..catalogue.codes import load_codes
from ..people.household_history import Happened
from ..web.filters import day, moment
from ..web.language import _, current_locale

RELATIONS = "gbt_4761_family_relationship"


def kinds() -> dict[str, str]:
    """Give what each kind of event is called."""
    return {
        "open": _("Household opened"),
        "join": _("Moved in"),
        "leave": _("Moved out"),
        "birth": _("Birth"),
        "death": _("Death"),
        "split": _("Split off"),
        "relations": _("Relations stated anew"),
        "address": _("Moved house"),
        "second": _("Belongs here too"),
        "undo": _("Taken back"),
    }


def relation_options() -> list[tuple[str, str]]:
    """Give every relation of GB/T 4761 to choose from."""
    return [(code.code, code.label(current_locale())) for code in load_codes(RELATIONS).values() if len(code.code) == 2]


def relation_words(code: str) -> str:
    """Say a relation."""
    found = load_codes(RELATIONS).get(code)
    return found.label(current_locale()) if found else code


def draw_history(events: Iterable[Happened], undo_url: Any) -> list[dict[str, Any]]:
    """Give the entries of the timeline of a household; each can be taken back once."""
    words = kinds()
    return [
        {
            "id": one.id,
            "title": words[one.kind] + (f" · {_('taken back')}" if one.undone_by else ""),
            "at": moment(one.at),
            "who": one.by,
            "on": day(one.on),
            "people": "、".join(one.people),
            "address": one.address,
            "proof": one.proof,
            "reason": one.reason,
            "undo_url": "" if one.undone_by or one.kind == "undo" else undo_url(one.id),
        }
        for one in events
    ]
