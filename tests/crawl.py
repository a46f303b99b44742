"""Every route of the running application with an address to open it at; shared by tests that leave none out."""

from typing import Any

from screens import World
from werkzeug.routing import Rule

import workbench.app
from workbench.web.permit import permission_of

ROOMS = tuple(room for room in workbench.app.ROOMS if room != "identity")
LINES = ("civil_affairs", "social_security", "family_planning", "disability_federation")
#: What a path may name that is nobody's data.
OTHER = {
    "line_id": "civil_affairs", "platform_id": "civil_affairs.case_gateway", "code": "MZ-015", "key": "name",
    "name": "name", "verb": "send", "filename": "css/tokens.css", "locale": "en",
}  # fmt: skip


def routes(world: World) -> list[tuple[Rule, str]]:
    return [(rule, permission_of(world.app, rule.endpoint)) for rule in world.app.url_map.iter_rules()]


def address(world: World, rule: Rule, places: dict[str, Any], case: str = "case_id", **changed: Any) -> str:
    """Write a rule's address over what there is; ids of what was not seeded are nobody's."""
    known = {**OTHER, **places, "case_id": places[case], **changed}
    missing = {name: 1 if one.regex == r"\d+" else "nothing" for name, one in rule._converters.items()}
    values = {name: known.get(name, missing[name]) for name in rule.arguments}
    if any(name == "verb" for name in rule.arguments):
        values["verb"] = rule._converters["verb"].regex.strip("(?:)").split("|")[0]
    return str(world.app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False))
