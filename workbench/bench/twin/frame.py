"""What stands around every page: menu, banners, parked forms."""

from typing import Any

from .database import Database
from .duties import Caller
from .matter import Matter

PARKED = (
    "SELECT c.id, p.name, c.title_zh, c.updated_at FROM cases c JOIN person p ON p.id = c.person_id "
    "JOIN draft d ON d.case_id = c.id WHERE c.owner_id = ? AND c.hub_id = ? AND c.state = 'draft' "
    "ORDER BY d.saved_at DESC LIMIT 9"
)


def frame(database: Database, matter: Matter, caller: Caller) -> dict[str, Any]:
    """Give the frame of a page. One statement, or three when lines or platforms must be read again."""
    menu = [
        (entry.title_zh, f"/h/{caller.hub_id}/{line_id}/{entry.path.lstrip('/')}")
        for line_id in matter.open_lines(caller)
        if (line := matter.installed.line(line_id)) and line.manifest
        for entry in line.manifest.menu
        if caller.may(entry.permission)
    ]
    return {
        "menu": menu,
        "sick": matter.sick(caller),
        "parked": database.all(PARKED, (caller.worker.id, caller.hub_id)),
    }
