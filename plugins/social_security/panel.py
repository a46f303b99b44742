"""The panel of the social security line: work, unemployment, insurance and pension of a resident."""

from flask import Blueprint, Response

from workbench.api import pages

from .ages import birthday

blueprint = Blueprint("social_security", __name__)


@blueprint.get("/panel/<person_id>")
@pages.permit("see")
def panel(hub: str, person_id: str) -> Response:
    """Show the panel of one resident."""
    person = pages.get_person(person_id)
    day = birthday(person.birth_date, 60)
    response: Response = pages.render("social_security/panel.html", block="panel", person=person, pension_day=day)
    return response
