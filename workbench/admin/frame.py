"""What the admin pages share: their blueprint, their tabs, and the way back with a word about what was done."""

from typing import Any

from flask import Blueprint, Response, flash, g, get_flashed_messages, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..identity.may import may
from ..store.problems import Problem
from ..web import htmx
from ..web.acting import writing
from ..web.language import _, current_locale
from ..web.pages import page

blueprint = Blueprint("admin", __name__)
ROOT = "/h/<hub>/admin"


def tabs(active: str) -> list[dict[str, Any]]:
    """List the pages this worker may open."""
    known = (
        ("lines", _("Lines"), "configure"),
        ("health", _("Health"), "configure"),
        ("platforms", _("Platforms"), "configure"),
        ("items", _("Items"), "configure"),
        ("tasks", _("Tasks not admitted"), "configure"),
        ("workers", _("Workers"), "staff"),
        ("posts", _("A and B posts"), "staff"),
        ("tokens", _("Machine tokens"), "configure"),
        ("providers", _("Sign-on providers"), "system"),
        ("clients", _("Departments' screens"), "system"),
        ("trail", _("Trail"), "audit"),
        ("unusual", _("Unusual accesses"), "audit"),
        ("emergencies", _("Emergencies"), "audit"),
        ("rights", _("Rights"), "audit"),
        ("calendar", _("Working calendar"), "configure"),
        ("documents", _("Document templates"), "configure"),
    )
    return [
        {"title": title, "url": url_for(f"admin.{name}", hub=g.hub.id), "active": name == active, "count": None}
        for name, title, verb in known
        if may(g.worker, verb)
    ]


def admin_page(template: str, tab: str, *, block: str = "", status: int = 200, **context: Any) -> Response:
    """Draw an admin page with its tabs and what there is to tell from the last step."""
    said = get_flashed_messages(with_categories=True)
    return page(f"admin/{template}", block, status, tabs=tabs(tab), flashes=said, **context)


def go(endpoint: str, text: str = "", category: str = "success", **values: Any) -> AnyResponse:
    """Send the browser to an admin page of this hub, with a word about what was done."""
    if text:
        flash(text, category)
    return htmx.go_to(url_for(f"admin.{endpoint}", hub=g.hub.id, **values))


def note_refusal(action: str, subject: str, problem: Problem) -> None:
    """Write into the trail that something was refused, and why; the refused act itself left no trace."""
    with writing() as ctx:
        record(ctx, action, subject=subject, detail={"why": problem.code})


def refused(problem: Problem) -> str:
    """Say a refusal in the language of the screen."""
    return problem.text(current_locale())


def role_words() -> dict[str, str]:
    """Name the roles."""
    return {
        "worker": _("All-round worker"),
        "reviewer": _("Reviewer"),
        "policy": _("Policy post"),
        "approver": _("Approver"),
        "hub_admin": _("Hub admin"),
    }


def kind_words() -> dict[str, str]:
    """Name where a right comes from."""
    return {
        "standing": _("post"),
        "cover": _("cover"),
        "secondment": _("secondment"),
        "temporary": _("for a time"),
    }
