"""What the pages of cases show: rows ready for the ui macros, in the language of the request."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import current_app, url_for

from ..api.manifest import ItemManifest
from ..catalogue.codes import load_codes
from ..people.view import IdentityBar
from ..web.departments import department
from ..web.filters import day, moment
from ..web.language import _, bilingual, ngettext
from .clock import Due
from .models import CaseMaterialRow, StepRow
from .step_kinds import KINDS
from .timeline import Entry
from .words import OPINIONS, ROLES

#: What steps of some kind ask to be written down.
NOTED = [one for kind in KINDS.values() for one in kind]
#: state of a step -> tone, icon.
STEP_LOOKS = {
    "done": ("blue-full", "check"),
    "open": ("blue", "circle-dot"),
    "waiting": ("grey", "circle"),
    "skipped": ("grey", "circle-slash"),
}


def draw_person(person: IdentityBar) -> dict[str, Any]:
    """Give the identity bar's values; numbers come masked."""
    sexes = load_codes("gbt_2261_1_sex")
    sex = sexes.get(person.sex)
    return {
        "name": person.name,
        "sex": bilingual(sex.zh, sex.en) if sex and person.sex != "0" else "",
        "age": person.age,
        "id_no": person.id_masked,
        "phone": person.phone_masked,
    }


def person_url(hub: str, person_id: str) -> str:
    """Give the address of a resident's page, if the application has one."""
    there = "home.resident" in current_app.view_functions
    return url_for("home.resident", hub=hub, person_id=person_id) if there else ""


def beside_words(names: Sequence[str]) -> str:
    """Say who else has the case open now."""
    if not names:
        return ""
    named = bilingual("、", ", ").join(names)
    return ngettext("{names} has this case open too.", "{names} have this case open too.", len(names), names=named)


def draw_cover(case: Any, worker_id: str) -> dict[str, Any] | None:
    """Give in whose hands the case is while its owner is away; for whoever covers, with the way to the hand-over."""
    if not case.cover_id:
        return None
    until = moment(case.cover_ends)
    if not case.cover_to:
        words = _("Away until {time}; nobody covers.", time=until)
    else:
        words = _("Away until {time}; in the hands of {name}.", time=until, name=case.cover_name)
    here = "duty.absences" in current_app.view_functions
    mine = here and case.cover_to == worker_id
    return {
        "words": words,
        "handover_url": url_for("duty.cover", hub=case.hub_id, cover_id=case.cover_id) if mine else "",
        "call_url": url_for("duty.call_page", hub=case.hub_id, case_id=case.id) if mine else "",
    }


def due_words(due: Due) -> str:
    """Say how many days are left, and until when."""
    if due.on is None:
        return ""
    if due.level == "none":
        return day(due.on)
    if due.level == "overdue":
        left = ngettext("{count} working day late", "{count} working days late", -due.left)
    elif due.left == 0:
        left = _("due today")
    else:
        left = ngettext("{count} working day left", "{count} working days left", due.left)
    not_announced = _("holidays not announced yet")
    unsure = "" if due.is_announced else f" ({not_announced})"
    return f"{left} · {day(due.on)}{unsure}"


def draw_steps(steps: Iterable[StepRow], item: ItemManifest | None) -> list[dict[str, Any]]:
    """Give the steps as a task list."""
    names = {step.key: (step.name, step.name_en) for step in item.steps} if item else {}
    return [_draw_step(row, bilingual(*names.get(row.key, (row.key, row.key)))) for row in steps]


def _draw_step(row: StepRow, title: str) -> dict[str, Any]:
    tone, icon = STEP_LOOKS[row.state]
    hints = [bilingual(*ROLES.get(row.by, (row.by, row.by)))]
    if row.four_eyes:
        hints.append(_("by somebody else than before (four eyes)"))
    if row.done_at and row.state == "done":
        hints.append(moment(row.done_at))
    elif row.due_on:
        hints.append(_("due {day}", day=day(row.due_on)))
    if row.reason:
        hints.append(row.reason)
    hints += [f"{bilingual(one.zh, one.en)} {row.found[one.key]}" for one in NOTED if (row.found or {}).get(one.key)]
    words = {"done": _("Done"), "open": _("Now"), "waiting": _("To come"), "skipped": _("Not needed")}
    outcome = OPINIONS.get(row.outcome) if row.state == "done" and row.by != "worker" else None
    word = bilingual(*outcome) if outcome else words[row.state]
    return {"title": title, "hint": " · ".join(hints), "word": word, "tone": tone, "icon": icon}


def draw_timeline(entries: Iterable[Entry], hub: str, case_id: str) -> list[dict[str, Any]]:
    """Give the timeline's entries."""
    return [
        {
            "title": bilingual(entry.title_zh, entry.title_en),
            "at": moment(entry.at),
            "who": bilingual(entry.who_zh, entry.who_en),
            "text": bilingual(entry.text_zh, entry.text_en),
            "tone": entry.tone,
            "icon": entry.icon,
            "proof": _("The platform's answer, as it came") if entry.proof_id else "",
            "proof_url": url_for("cases.proof", hub=hub, case_id=case_id, event_id=entry.proof_id)
            if entry.proof_id
            else "",
        }
        for entry in entries
    ]


def draw_materials(rows: Iterable[CaseMaterialRow], item: ItemManifest | None) -> list[dict[str, Any]]:
    """Give the materials as a task list, in the order of the item."""
    words = {
        "missing": (_("Missing"), "orange", "circle-alert"),
        "have": (_("On file"), "blue-full", "files"),
        "sighted": (_("Original seen"), "blue-full", "eye"),
        "scanned": (_("Scanned"), "blue-full", "file-check"),
        "waived": (_("Spared by data"), "blue-full", "database"),
        "promised": (_("Promised in writing"), "orange", "handshake"),
        "late": (_("May come later"), "orange", "clock"),
        "not_needed": (_("Not needed"), "grey", "circle-slash"),
    }
    names = {m.key: (m.name, m.name_en) for m in item.materials} if item else {}
    order = list(names)
    drawn = []
    for row in sorted(rows, key=lambda r: order.index(r.key) if r.key in names else len(order)):
        word, tone, icon = words[row.state]
        until = _("supply by {day}", day=day(row.supply_by)) if row.supply_by else ""
        hint = " · ".join(part for part in (department(row.note), until) if part)
        title = bilingual(*names.get(row.key, (row.key, row.key)))
        drawn.append({"title": title, "hint": hint, "word": word, "tone": tone, "icon": icon})
    return drawn
