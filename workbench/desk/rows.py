"""How the lists of the home page write a case: what all rows of a page share is worked out once."""

from collections.abc import Callable
from functools import cache
from typing import Any

from ..cases.calendar import load_calendar
from ..cases.clock import Due, judge
from ..cases.find import CaseLine
from ..cases.moves import OPEN_STATES
from ..store.clock import local
from ..store.context import Context
from ..web.language import _, current_locale, ngettext
from .links import links_to

#: A concluded case is shown by its result.
RESULTS = {"granted": "granted", "refused": "denied"}


def row_writer(ctx: Context) -> Callable[[CaseLine], dict[str, Any]]:
    """Give what writes the row of a case in the language of the request."""
    calendar, today, is_english = load_calendar(ctx.session), ctx.clock.today(), current_locale() == "en"
    case_url, form_url = links_to("cases.case", "case_id"), links_to("reception.form", "case_id")
    person_url = links_to("home.resident", "person_id")

    @cache  # cases accepted on one day with one limit stand alike
    def due_words(*standing: Any) -> dict[str, str]:
        accepted, due_on, is_open, limit = standing
        return _due_words(judge(accepted, due_on, today, calendar, is_open, limit=limit))

    def write(line: CaseLine) -> dict[str, Any]:
        accepted = local(line.accepted_at).date() if line.accepted_at else None
        return {
            "id": line.id,
            "url": (form_url if line.state == "draft" else case_url)(line.id),
            "number": line.case_no or "",
            "title": (line.title_en or line.title_zh) if is_english else line.title_zh,
            "person": line.person_name,
            "person_url": person_url(line.person_id),
            "state": RESULTS.get(line.result, line.state),
            "reference": line.reference,
            **due_words(accepted, line.due_on, line.state in OPEN_STATES, line.limit_days),
        }

    return write


def _due_words(due: Due) -> dict[str, str]:
    if due.level == "none":
        words = ""
    elif due.level == "overdue":
        words = ngettext("{count} working day late", "{count} working days late", -due.left)
    elif due.left == 0:
        words = _("today")
    else:
        words = ngettext("{count} working day left", "{count} working days left", due.left)
    return {"level": due.level, "words": words, "due": due.on.isoformat() if due.on else ""}
