"""How the home page writes what waits besides one's own cases: one line for each kind, with the way there."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..cases.words import ROLES
from ..duty.left_behind import left_behind, unmanned_roles
from ..hall.capacity import short_times
from ..store.context import Context
from ..web.language import _, bilingual, ngettext
from .links import link
from .offered import Offered


def _to(endpoint: str, of: str = "", query: str = "") -> Callable[[Any], str]:
    """Give what writes the way to a page, "" where the program has no such page."""

    def way(waits: Any) -> str:
        url = link(endpoint, **({of: waits} if of else {}))
        return url and url + query

    return way


class Kind(NamedTuple):
    """One kind of waiting work; words are written in the language of the request."""

    name: str  # in `Offered`
    title: Callable[[Any], str]  # of the count, or of what waits
    place: Callable[[Any], str]  # where one goes, "" for nowhere
    word: Callable[[], str]
    tone: str
    icon: str


KINDS = (
    Kind("gaps", lambda n: ngettext("{count} span nobody covers", "{count} spans nobody covers", n),
     _to("duty.absences"), lambda: _("Name somebody"), "orange-full", "triangle-alert"),
    Kind("unread", lambda n: ngettext("{count} hand-over to confirm", "{count} hand-overs to confirm", n),
     _to("duty.absences"), lambda: _("Read and count"), "orange-full", "handshake"),
    Kind("calls", lambda n: ngettext("{count} call for you", "{count} calls for you", n),
     _to("duty.calls"), lambda: _("Answer"), "orange", "phone"),
    Kind("urged", lambda n: ngettext("{count} urging to answer", "{count} urgings to answer", n),
     _to("clocks.urgings"), lambda: _("Answer"), "orange", "bell"),
    Kind("assigned",
     lambda n: ngettext("{count} task assigned by a department", "{count} tasks assigned by departments", n),
     _to("assigned.tasks"), lambda: _("Do or return"), "blue", "clipboard-list"),
    Kind("late", lambda n: ngettext("{count} of them is late", "{count} of them are late", n),
     _to("assigned.tasks"), lambda: _("Late"), "orange-full", "octagon-alert"),
    Kind("asked", lambda n: ngettext("{count} enquiry to answer", "{count} enquiries to answer", n),
     _to("enquiries.enquiries"), lambda: _("Answer"), "orange", "message-square"),
    Kind("visits", lambda n: ngettext("{count} home visit due", "{count} home visits due", n),
     lambda n: "", lambda: _("Visit"), "blue", "house"),
    Kind("lists",
     lambda n: ngettext("{count} resident on an automatic list", "{count} residents on automatic lists", n),
     _to("agenda.agenda", query="?kind=automatic"), lambda: _("Confirm"), "blue", "list-checks"),
    Kind("due", lambda n: ngettext("{count} matter of the agenda is due", "{count} matters of the agenda are due", n),
     _to("agenda.agenda"), lambda: _("Take up"), "blue", "calendar-days"),
    Kind("swaps", lambda n: ngettext("{count} swap of shifts to answer", "{count} swaps of shifts to answer", n),
     _to("duty.roster"), lambda: _("Answer"), "blue", "calendar-days"),
    Kind("approvals", lambda n: ngettext("{count} swap to approve", "{count} swaps to approve", n),
     _to("duty.roster"), lambda: _("Decide"), "blue", "calendar-days"),
    Kind("leaving", lambda absence_id: _("You are soon away: write the hand-over"),
     _to("duty.absence", "absence_id"), lambda: _("Write"), "orange", "pencil"),
    Kind("returned", lambda absence_id: _("You are back: see what happened"),
     _to("duty.absence", "absence_id"), lambda: _("Read"), "blue", "history"),
)  # fmt: skip


def offered_rows(waits: Offered) -> list[dict[str, Any]]:
    """Write the lines for the page's task list; kinds of which nothing waits are left out, unwritten."""
    return [_row(kind, count) for kind in KINDS if (count := getattr(waits, kind.name))]


def _row(kind: Kind, count: Any) -> dict[str, Any]:
    return {"title": kind.title(count), "url": kind.place(count), "word": kind.word(),
            "tone": kind.tone, "icon": kind.icon}  # fmt: skip


def staffing_rows(ctx: Context) -> list[dict[str, Any]]:
    """Write what waits for whoever administers the hub: times with too few at the tables, work of those who left."""
    short, left = short_times(ctx), left_behind(ctx)
    roles = [bilingual(*ROLES[role]) for role in unmanned_roles(ctx)]
    named = bilingual("、", ", ").join(roles)
    work = link("duty.work")
    cases = sum(one.cases for one in left)
    return _drawn([
        (len(short), ngettext("{count} kept time with too few at the tables",
                              "{count} kept times with too few at the tables", len(short)),
         link("hall.short"), _("See to it"), "orange-full", "triangle-alert"),
        (cases, ngettext("{count} open case of somebody who left", "{count} open cases of those who left", cases),
         f"{work}?owner={left[0].worker_id}" if work and left else "", _("Share out"), "orange-full", "users"),
        (len(roles), _("Cases wait for a step that nobody here can take: {roles}", roles=named),
         link("admin.workers"), _("Go and give it"), "orange-full", "triangle-alert"),
    ])  # fmt: skip


def _drawn(found: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        {"title": title, "url": url, "word": word, "tone": tone, "icon": icon}
        for is_there, title, url, word, tone, icon in found
        if is_there
    ]
