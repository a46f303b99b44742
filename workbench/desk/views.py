"""The home page: what this worker has to do, by due day, and what stands in the way. It asks again by itself."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, g, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..agenda.found import MOST
from ..cases.find import CaseLine, cases_to_review, handed_cases, open_cases, recent_cases
from ..catalogue.loaded import catalogue
from ..delivery.words import REASON_WORDS
from ..hubs.open_lines import open_lines
from ..identity.emergency import count_unseen
from ..identity.may import may
from ..opening.notices import Notice, admission_notices
from ..opening.tasks import count_waiting
from ..store.context import Context
from ..web.acting import reading
from ..web.filters import moment
from ..web.htmx import is_htmx
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from . import (  # noqa: F401 - their routes belong to this blueprint
    authority_views,
    conflict_views,
    emergency_views,
    export_views,
    find_views,
    household_change_views,
    household_find_views,
    household_views,
    item_views,
    merge_views,
    resident_views,
    together_views,
)
from .blueprint import blueprint
from .frame import contribute, parked_now
from .links import case_link, link, new_url
from .offered import count_offered
from .offered_rows import offered_rows, staffing_rows
from .platforms import platforms_of
from .polls import Poll, mark_of
from .progress_views import blueprint as progress
from .rows import row_writer
from .today import Stopped, count_today, place_after, read_place, stopped_deliveries

__all__ = ["blueprint", "blueprints", "contribute"]
blueprints = [blueprint, progress]

PAGE = 20


@blueprint.get("/h/<hub>/")
@permit("board")
def home(hub: str) -> AnyResponse:
    """Show what is to be done; an htmx call gets the lists alone, or 204 when nothing changed."""
    # A reviewer's list holds the cases of others.
    poll = Poll(g.worker, g.hub) if is_htmx() and not may(g.worker, "review") else None
    if poll and (mark := poll.seen_still()):
        return _unchanged(mark)
    ctx = reading()
    waiting = _notices(ctx) | _waiting(ctx) | _told(ctx)
    lists = _platforms(ctx) | waiting | (_work(ctx) if may(g.worker, "see") else {"sees": False})
    mark = mark_of([current_locale(), lists])
    if poll:
        poll.remember(mark)
    if request.args.get("seen") == mark:
        return _unchanged(mark)
    response = page("desk/home.html", block="lists", seen=mark, new_url=new_url(), **lists)
    response.set_etag(mark, weak=True)
    return response.make_conditional(request) if request.headers.get("HX-Request") else response


def _told(ctx: Context) -> dict[str, Any]:
    """Tell the admins of this hub of looks in an emergency that nobody has taken notice of."""
    if not may(g.worker, "audit"):
        return {"emergencies": 0, "emergencies_url": ""}
    return {"emergencies": count_unseen(ctx), "emergencies_url": link("admin.emergencies")}


def _unchanged(mark: str) -> Response:
    """Answer that the lists are as they were; htmx would swap the emptiness of a 304, so it gets a 204."""
    response = Response(status=204 if request.args.get("seen") == mark else 304)
    response.set_etag(mark, weak=True)
    return response


def _waiting(ctx: Context) -> dict[str, Any]:
    """Give what waits besides one's own cases, and the cases of colleagues in one's hands. One query, or two.

    Whoever administers the hub has some more, which are read only then.
    """
    waits, write = count_offered(ctx, catalogue(services().installed)), row_writer(ctx)
    handed = [write(line) | {"owner": owner} for line, owner in handed_cases(ctx)] if waits.handed else []
    offered = offered_rows(waits) + (staffing_rows(ctx) if may(ctx.actor, "staff") else [])
    return {"offered": offered, "handed": handed, "handed_url": link("duty.absences")}


def _work(ctx: Context) -> dict[str, Any]:
    after = read_place(request.args.get("after", ""))
    cases = open_cases(ctx, limit=PAGE + 1, after=after)
    more = len(cases) > PAGE
    here: dict[str, Any] = {"after": request.args["after"]} if after else {}
    write, counts = row_writer(ctx), count_today(ctx)

    def rows(lines: Sequence[CaseLine]) -> list[dict[str, Any]]:
        return [write(line) for line in lines]

    return {
        "sees": True,
        "counts": counts._asdict(),
        "found_url": link("found.overview"),
        "found_words": _found_words(counts.found),
        "cases": rows(cases[:PAGE]),
        "corrections": rows(recent_cases(ctx, ("correction",))),
        "reviews": rows(cases_to_review(ctx, ctx.actor.roles, PAGE)) if may(ctx.actor, "review") else [],
        "stopped": [_stopped_row(one) for one in stopped_deliveries(ctx)],
        "corrections_url": link("proposals.mine"),
        "decisions": rows(recent_cases(ctx, ("concluded",), 10)),
        "drafts": [write(line) | {"changed": moment(line.updated_at)} for line in parked_now()],
        "live_url": url_for("home.home", hub=ctx.hub.id, **here),
        "first_url": url_for("home.home", hub=ctx.hub.id) if after else "",
        "next_url": url_for("home.home", hub=ctx.hub.id, after=place_after(cases[PAGE - 1])) if more else "",
    }


def _found_words(count: int) -> str:
    if count > MOST:
        return _("By the data more than {count} residents may have something they have not applied for.", count=MOST)
    return ngettext(
        "By the data {count} resident may have something they have not applied for.",
        "By the data {count} residents may have something they have not applied for.",
        count,
    )


def _platforms(ctx: Context) -> dict[str, Any]:
    lines = open_lines(ctx.session, ctx.hub, services().installed)
    looks = platforms_of(services().installed, lines)
    sick = [look for look in looks if look.health in ("down", "degraded", "unconfigured")]
    return {
        "platforms": [asdict(look) | {"since": moment(look.since)} for look in sick],
        "board_url": link("delivery.platforms"),
        "lines_open": len(lines),
    }


def _notices(ctx: Context) -> dict[str, Any]:
    """Give a hub admin what has to be done about admissions."""
    if not may(ctx.actor, "configure"):
        return {"notices": []}
    found = [_notice_row(ctx, notice) for notice in admission_notices(ctx)]
    if ctx.actor.is_system_admin and (waiting := count_waiting(ctx)):
        hint = _("Tasks that departments put on hubs without an admission.")
        title = ngettext("{count} report waits for an answer", "{count} reports wait for an answer", waiting)
        found.append(_task(title, link("admin.tasks"), hint, _("Needs you"), "triangle-alert"))
    return {"notices": found}


def _notice_row(ctx: Context, notice: Notice) -> dict[str, Any]:
    line = services().installed.line(notice.line_id)
    name = bilingual(line.name_zh, line.name_en) if line else notice.line_id
    url = link("admin.opening", line_id=notice.line_id) if line else link("admin.lines")
    if notice.ends_on is None:
        hint = _("Its admission is over. Cases stay readable; record a new admission and it opens again.")
        return _task(name, url, hint, _("Closed"), "octagon-alert")
    hint = _("Admitted until {day}. Renew it, or the line is closed here after that day.", day=notice.ends_on)
    left = ngettext("{count} day left", "{count} days left", notice.days)
    return _task(name, url, hint, left, "hourglass")


def _task(title: str, url: str, hint: str, word: str, icon: str) -> dict[str, Any]:
    return {"title": title, "url": url, "hint": hint, "word": word, "tone": "orange", "icon": icon}


def _stopped_row(one: Stopped) -> dict[str, Any]:
    zh, en, _who_zh, _who_en = REASON_WORDS[one.reason]
    platform = services().installed.platform(one.platform_id)
    manifest = platform.manifest if platform else None
    name = bilingual(manifest.name_zh, manifest.name_en) if manifest else one.platform_id
    url = link("handwork.sheet" if one.reason == "rekey" else "handwork.unknown", delivery_id=one.id)
    return {
        "title": f"{bilingual(one.title_zh, one.title_en)} · {one.case_no}",
        "url": url or case_link(one.case_id, "accepted"),
        "hint": f"{name}: {bilingual(zh, en)}",
        "word": _("Needs you"),
        "tone": "orange-full",
        "icon": "hand-helping",
    }
