"""The panel of the health and family planning line: children, certificates, family doctor."""

from flask import Blueprint, Response

from workbench.api import pages

from .children import as_day, birthday

blueprint = Blueprint("family_planning", __name__)
#: Months of the childcare subsidy end with the third birthday.
SUBSIDY_UNTIL = 3


@blueprint.get("/panel/<person_id>")
@pages.permit("see")
def panel(hub: str, person_id: str) -> Response:
    """Show the panel of one resident."""
    person = pages.get_person(person_id)
    child = person.facts.get("child.birth_date")
    until = birthday(as_day(child.value if child else None), SUBSIDY_UNTIL)
    values = {"person": person, "subsidy_until": until, "subsidy_runs": bool(until and until > pages.today())}
    response: Response = pages.render("family_planning/panel.html", block="panel", **values)
    return response
