"""The panel of the civil affairs line: what a resident receives, and the band of the elder allowance."""

from flask import Blueprint, Response

from workbench.api import pages

from .elder import band_on, birthday

blueprint = Blueprint("civil_affairs", __name__)


@blueprint.get("/panel/<person_id>")
@pages.permit("see")
def panel(hub: str, person_id: str) -> Response:
    """Show the panel of one resident."""
    person = pages.get_person(person_id)
    band = band_on(person.birth_date, pages.today())
    turns = birthday(person.birth_date, 80)
    response: Response = pages.render("civil_affairs/panel.html", block="panel", person=person, band=band, turns=turns)
    return response
