"""Who looked at a resident, from the audit trail: the last few acts, with who and why. One query."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from ..identity.models import AuditRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..web.filters import moment
from ..web.language import _

#: A page shows a panel of every line; that says no more than the look at the page.
NOT_SHOWN = ("line.look",)


def last_looks(ctx: Context, person_id: str, limit: int = 10) -> list[dict[str, Any]]:
    """List the last acts about a resident, newest first; the same act again and again is one line."""
    columns = (col(AuditRow.at), col(WorkerRow.name), col(AuditRow.action), col(AuditRow.purpose), col(AuditRow.hub_id))
    query = (
        select(*columns)
        .outerjoin(WorkerRow, col(WorkerRow.id) == col(AuditRow.actor_id))
        .where(col(AuditRow.person_id) == person_id, col(AuditRow.action).not_in(NOT_SHOWN))
        .order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc())
        .limit(limit * 3)
    )
    words = _words()
    found = [
        {
            "at": moment(at),
            "who": name or _("the workbench"),
            "what": words.get(action, words["case"] if action.startswith("case.") else action),
            "why": words.get(purpose, purpose),
            "elsewhere": hub_id not in ("", ctx.hub.id),
        }
        for at, name, action, purpose, hub_id in ctx.session.execute(query)
    ]
    return [one for one, before in zip(found, [None, *found], strict=False) if not _is_repeated(one, before)][:limit]


def _is_repeated(one: dict[str, Any], before: dict[str, Any] | None) -> bool:
    return before is not None and all(one[name] == before[name] for name in ("who", "what", "why"))


def _words() -> dict[str, str]:
    return {
        "person.look": _("opened the page"),
        "person.reveal": _("saw a full number"),
        "person.citywide": _("opened it from another hub"),
        "emergency.open": _("opened it in an emergency"),
        "emergency.look": _("looked at a case in an emergency"),
        "emergency.end": _("ended a look in an emergency"),
        "emergency.seen": _("took notice of a look in an emergency"),
        "page.look": _("looked at a page about the resident"),
        "trail.read": _("read who looked"),
        "trail.find": _("looked for who looked"),
        "person.new": _("opened the file"),
        "person.edit": _("changed the file"),
        "person.export": _("exported the file"),
        "person.hand_out": _("exported the resident among many"),
        "person.settle": _("settled what sources say differently"),
        "person.merge": _("merged two files"),
        "person.part": _("took two files apart"),
        "enquiry.look": _("looked at an enquiry"),
        "enquiry.take": _("took an enquiry in"),
        "enquiry.answered": _("answered an enquiry"),
        "enquiry.passed-on": _("passed an enquiry on"),
        "enquiry.receipt": _("noted a department's receipt"),
        "print.enquiry": _("printed the slip of an enquiry"),
        "assigned.look": _("looked at a task of a department"),
        "enquiry": _("an enquiry"),
        "assigned": _("a task of a department"),
        "reception": _("reception at the table"),
        "registration": _("registration"),
        "case": _("handled a case"),
    }
