"""The pages of Pet registry, below /h/<hub>/pet_registry/ wherever the line is open."""

from flask import Blueprint, Response
from workbench.api import pages

blueprint = Blueprint("pet_registry", __name__)


@blueprint.get("/panel/<person_id>")
@pages.permit("see")
def panel(hub: str, person_id: str) -> Response:
    """Show the box of one resident."""
    person = pages.get_person(person_id)
    given = {"person": person, "point": pages.setting("vaccination_point")}
    response: Response = pages.render("pet_registry/panel.html", block="panel", **given)
    return response
