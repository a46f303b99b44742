"""The panel of the federation's line: category, level and validity of the certificate."""

from flask import Blueprint, Response

from workbench.api import pages

from .card import read_card, years_left

blueprint = Blueprint("disability_federation", __name__)


@blueprint.get("/panel/<person_id>")
@pages.permit("see")
def panel(hub: str, person_id: str) -> Response:
    """Show the panel of one resident."""
    person = pages.get_person(person_id)
    number, age = person.facts.get("disability.card_no"), person.facts.get("disability.card_age_years")
    card = read_card(str(number.value) if number else "")
    values = {"person": person, "card": card, "left": years_left(age.value if age else None)}
    response: Response = pages.render("disability_federation/panel.html", block="panel", **values)
    return response
