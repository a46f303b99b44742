"""The words of this room's pages: kinds of absence, shifts, states of a swap."""

from ..cases.words import KINDS, UNKNOWN
from ..hubs.open_lines import open_lines
from ..store.context import Context
from ..web.language import _, bilingual
from ..web.services import services
from .plan import BEHIND


def absence_words() -> dict[str, str]:
    """Name the kinds of absence."""
    return {"leave": _("Leave"), "sick": _("Sick"), "training": _("Training"), "closed_shift": _("Shift closed")}


def shift_words() -> dict[str, str]:
    """Name the shifts and the duties that go with them."""
    return {
        "early": _("Early shift"),
        "late": _("Late shift"),
        "lunch": _("Lunch desk"),
        "extended": _("Extended hour"),
    }


def swap_words() -> dict[str, str]:
    """Name where a swap stands."""
    return {
        "asked": _("asked"),
        "accepted": _("accepted, waits for approval"),
        "approved": _("approved"),
        "declined": _("declined"),
        "refused": _("not approved"),
    }


def line_names(ctx: Context) -> dict[str, str]:
    """Name the lines open at the hub, in its order."""
    lines = open_lines(ctx.session, ctx.hub, services().installed)
    return {line.id: bilingual(line.manifest.name_zh, line.manifest.name_en) for line in lines if line.manifest}


def line_name(line_id: str) -> str:
    """Name any line that is installed, and the work behind the table, which is no line's."""
    if line_id == BEHIND:
        return _("Review and approval")
    line = services().installed.line(line_id)
    return bilingual(line.manifest.name_zh, line.manifest.name_en) if line and line.manifest else line_id


def event_title(kind: str) -> str:
    """Name what happened to a case."""
    zh, en, *_rest = KINDS.get(kind, UNKNOWN)
    return bilingual(zh, en)
