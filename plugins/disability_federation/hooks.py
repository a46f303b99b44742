"""What the line of the disabled persons' federation adds to a resident's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.api import Hub, Panel, Person, hook

from .card import read_card


@hook
def person_panels(hub: Hub, person: Person) -> Sequence[Panel]:
    """Show the disability certificate."""
    return (Panel("残疾人证", "Disability certificate", "panel"),)


@hook
def person_facts(person: Person) -> Mapping[str, Any]:
    """Read category and level from the number of the certificate."""
    number = person.facts.get("disability.card_no")
    card = read_card(str(number.value) if number else "")
    return {"disability.category": card.category, "disability.level": card.level} if card else {}
