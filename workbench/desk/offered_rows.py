"""How the home page writes what waits besides one's own cases: one line for each kind, with the way there."""

from typing import Any

from ..cases.words import ROLES
from ..duty.left_behind import left_behind, unmanned_roles
from ..hall.capacity import short_times
from ..store.context import Context
from ..web.language import _, bilingual, ngettext
from .links import link
from .offered import Offered


def offered_rows(waits: Offered) -> list[dict[str, Any]]:
    """Write the lines for the page's task list; kinds of which nothing waits are left out."""
    absences, roster = link("duty.absences"), link("duty.roster")
    agenda = link("agenda.agenda")
    found = [
        (waits.gaps, ngettext("{count} span nobody covers", "{count} spans nobody covers", waits.gaps),
         absences, _("Name somebody"), "orange-full", "triangle-alert"),
        (waits.unread, ngettext("{count} hand-over to confirm", "{count} hand-overs to confirm", waits.unread),
         absences, _("Read and count"), "orange-full", "handshake"),
        (waits.calls, ngettext("{count} call for you", "{count} calls for you", waits.calls),
         link("duty.calls"), _("Answer"), "orange", "phone"),
        (waits.urged, ngettext("{count} urging to answer", "{count} urgings to answer", waits.urged),
         link("clocks.urgings"), _("Answer"), "orange", "bell"),
        (waits.assigned,
         ngettext("{count} task assigned by a department", "{count} tasks assigned by departments", waits.assigned),
         link("assigned.tasks"), _("Do or return"), "blue", "clipboard-list"),
        (waits.late, ngettext("{count} of them is late", "{count} of them are late", waits.late),
         link("assigned.tasks"), _("Late"), "orange-full", "octagon-alert"),
        (waits.asked, ngettext("{count} enquiry to answer", "{count} enquiries to answer", waits.asked),
         link("enquiries.enquiries"), _("Answer"), "orange", "message-square"),
        (waits.visits, ngettext("{count} home visit due", "{count} home visits due", waits.visits),
         "", _("Visit"), "blue", "house"),
        (waits.lists,
         ngettext("{count} resident on an automatic list", "{count} residents on automatic lists", waits.lists),
         f"{agenda}?kind=automatic" if agenda else "", _("Confirm"), "blue", "list-checks"),
        (waits.due, ngettext("{count} matter of the agenda is due", "{count} matters of the agenda are due", waits.due),
         agenda, _("Take up"), "blue", "calendar-days"),
        (waits.swaps, ngettext("{count} swap of shifts to answer", "{count} swaps of shifts to answer", waits.swaps),
         roster, _("Answer"), "blue", "calendar-days"),
        (waits.approvals, ngettext("{count} swap to approve", "{count} swaps to approve", waits.approvals),
         roster, _("Decide"), "blue", "calendar-days"),
        (waits.leaving, _("You are soon away: write the hand-over"),
         link("duty.absence", absence_id=waits.leaving) if waits.leaving else "", _("Write"), "orange", "pencil"),
        (waits.returned, _("You are back: see what happened"),
         link("duty.absence", absence_id=waits.returned) if waits.returned else "", _("Read"), "blue", "history"),
    ]  # fmt: skip
    return _drawn(found)


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
