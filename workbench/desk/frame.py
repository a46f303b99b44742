"""What every page's frame shows: where one may go, the forms that wait, what is down. At most two queries."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from flask import current_app, g, get_flashed_messages, request
from sqlalchemy.exc import SQLAlchemyError

from ..cases.find import CaseLine, parked_drafts
from ..host.discover import Line
from ..hubs.open_lines import open_lines
from ..identity.may import may
from ..web.acting import reading
from ..web.filters import moment
from ..web.here import application, asked, held
from ..web.htmx import wants_fragment
from ..web.language import _, bilingual, current_locale
from ..web.permit import permission_of
from ..web.services import services
from .links import case_link, link
from .platforms import platforms_of

MOST_BANNERS = 3
FRAMES, MOST_FRAMES = "workbench.frames", 2000


def contribute() -> dict[str, Any]:
    """Give every page its frame; a fragment needs none."""
    if wants_fragment():
        return {}
    frame = {**_kept_frame(), "flashes": get_flashed_messages(with_categories=True)}
    if "hub" in g and "worker" in g:
        here = (request.endpoint, request.path)
        frame["nav"] = [{"title": title, "url": url, "active": place in here} for title, url, place in frame["menu"]]
        with suppress(SQLAlchemyError):
            lines = open_lines(reading().session, g.hub, services().installed)
            frame |= {"banners": _banners(lines), "parked": _parked()}
    return frame


def _kept_frame() -> dict[str, Any]:
    """Give what stays the same until hub, rights or language change."""
    here = held()
    hub, worker, others = here.get("hub"), here.get("worker"), here.signed_in.hub_ids if "signed_in" in here else ()
    place = (hub.id, hub.version) if hub else ()
    rights = (worker.roles, worker.is_system_admin, others) if worker else ()
    key = (place, rights, current_locale(), asked().script_root)
    kept: dict[Any, dict[str, Any]] = application().extensions.setdefault(FRAMES, {})
    if key not in kept:
        try:
            drawn = _addresses() | (_at_hub(len(others) > 1 or worker.is_system_admin) if hub and worker else {})
        except SQLAlchemyError:  # the page that says that the database does not answer is a page too
            return _addresses() | {"menu": []}
        if len(kept) >= MOST_FRAMES:
            kept.clear()
        kept[key] = drawn
    return kept[key]


def _addresses() -> dict[str, Any]:
    return {
        "language_url": link("identity.language"),
        "lock_url": link("identity.lock"),
        "sign_out_url": link("identity.leave"),
        "home_url": "/",
    }


def _at_hub(has_others: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"home_url": link("home.home"), "menu": list(_core_menu())}
    found["worker_menu"] = _worker_menu(has_others)
    if may(g.worker, "search"):
        found |= {"search_url": link("home.search"), "suggest_url": link("home.suggest")}
    found["menu"] += _lines_menu(open_lines(reading().session, g.hub, services().installed))
    return found


def _worker_menu(has_others: bool) -> list[dict[str, str]]:
    hubs = [{"title": _("Go to another hub"), "url": link("identity.start")}] if has_others else []
    accounts = (
        (_("My accounts at platforms"), "accounts.own", "rekey"),
        (_("The hub's accounts at platforms"), "accounts.of_hub", "configure"),
    )
    kept = [{"title": title, "url": link(page)} for title, page, verb in accounts if link(page) and may(g.worker, verb)]
    return [*hubs, *kept, {"title": _("My sign-on"), "url": link("identity.account")}]


def _places() -> Iterator[tuple[str, str]]:
    yield _("My work"), "home.home"
    yield _("Hall"), "hall.hall"
    yield _("Find"), "home.empty_search"
    yield _("New resident"), "people.new"
    yield _("To review"), "cases.review"
    yield _("Urged"), "clocks.urgings"
    yield _("Batches"), "batches.batches"
    yield _("Agenda"), "agenda.agenda"
    yield _("Assigned by departments"), "assigned.tasks"
    yield _("Enquiries"), "enquiries.enquiries"
    yield _("Found for residents"), "found.overview"
    yield _("Papers"), "papers_on_the_way.papers"
    yield _("Absence and cover"), "duty.absences"
    yield _("Roster"), "duty.roster"
    yield _("Share out the work"), "duty.work"
    yield _("Documents"), "documents.register"
    yield _("Import and export"), "exchange.imports"
    yield _("Retention"), "retention.due"
    yield _("Ratings"), "ratings.ratings"
    yield _("Deliveries"), "delivery.deliveries"
    yield _("Platforms"), "delivery.platforms"
    yield _("Second entry"), "meter.meter"
    yield _("Administration"), "admin.start"
    yield _("Audit trail"), "admin.trail"


def _core_menu() -> Iterator[tuple[str, str, str]]:
    for title, endpoint in _places():
        url = link(endpoint)
        if url and may(g.worker, permission_of(current_app, endpoint)):
            yield title, url, endpoint


def _lines_menu(lines: tuple[Line, ...]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        for entry in line.manifest.menu if line.manifest else ():
            if may(g.worker, entry.permission, line.id):
                url = f"/h/{g.hub.id}/{line.id}/{entry.path.lstrip('/')}"
                yield bilingual(entry.title_zh, entry.title_en), url, url


def _banners(lines: tuple[Line, ...]) -> list[dict[str, str]]:
    looks = platforms_of(services().installed, lines)
    down = [look for look in looks if look.health == "down"]
    board = link("delivery.platforms")
    banners = []
    for look in down[:MOST_BANNERS]:
        since = moment(look.since)
        text = _("{name} has not answered since {since}.", name=look.name, since=since or "—")
        banners.append({"level": "warn", "text": f"{text} {look.advice}", "url": board})
    if len(down) > MOST_BANNERS:
        text = _("{count} more platforms do not answer.", count=len(down) - MOST_BANNERS)
        banners.append({"level": "warn", "text": text, "url": board})
    return banners


def parked_now() -> list[CaseLine]:
    """Give the forms of this worker that wait to be accepted; read once per page."""
    here = held()
    if "parked_drafts" not in here:
        here.parked_drafts = parked_drafts(reading()) if may(here.worker, "accept") else []
    drafts: list[CaseLine] = here.parked_drafts
    return drafts


def _parked() -> list[dict[str, Any]]:
    """Give one entry for each sitting that has open forms: several matters of one are filled as one."""
    here = request.view_args or {}
    sittings: dict[str, list[CaseLine]] = {}
    for draft in parked_now():
        sittings.setdefault(draft.reception_id, []).append(draft)
    return [_parked_entry(drafts, here) for drafts in sittings.values() if case_link(drafts[0].id, "draft")]


def _parked_entry(drafts: list[CaseLine], here: Mapping[str, Any]) -> dict[str, Any]:
    first = drafts[0]
    if len(drafts) == 1:
        title, url = bilingual(first.title_zh, first.title_en), case_link(first.id, first.state)
    else:
        title = _("{count} matters", count=len(drafts))
        url = link("sitting.form", sitting_id=first.reception_id)
    is_here = here.get("case_id") in [draft.id for draft in drafts] or here.get("sitting_id") == first.reception_id
    return {"title": f"{first.person_name} · {title}", "url": url, "active": is_here}
