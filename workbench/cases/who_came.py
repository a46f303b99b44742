"""Who sat at the table for the applicant, and by which authority: said on the form, the receipt and the case."""

from collections.abc import Mapping
from typing import Any

from ..catalogue.codes import load_codes

Came = Mapping[str, Any]
KINDS = {"agent": ("代办人", "agent"), "guardian": ("监护人", "guardian")}


def authority_words(one: Came, locale: str) -> str:
    """Say by what somebody acts: as what, how related, by which document, until when."""
    english = locale.startswith("en")
    relation = load_codes("gbt_4761_family_relationship").get(one["relation"])
    parts = [KINDS[one["kind"]][english], relation.label(locale) if relation else "", one["proof"]]
    if one["until"]:
        parts.append(f"until {one['until']}" if english else f"至{one['until']}")
    return " · ".join(part for part in parts if part)


def came_words(came: Came | None, locale: str) -> str:
    """Say who came."""
    if not came:
        return "The resident" if locale.startswith("en") else "本人"
    number = f"  {came['id_masked']}" if came["id_masked"] else ""
    return f"{came['name']}{number}（{authority_words(came, locale)}）"


def came_source(came: Came, locale: str) -> str:
    """Say where it is known from: the document seen and its day, or what was said."""
    if came["proof"]:
        return " ".join(part for part in (came["proof"], came["from"]) if part)
    return "said at the table" if locale.startswith("en") else "现场陈述"
