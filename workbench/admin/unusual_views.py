"""Page of unusual accesses: one day of this hub, each entry with the threshold that put it there."""

from datetime import date, timedelta

from flask import Response, abort, g, request, url_for

from ..identity.audit import record
from ..settings import Unusual
from ..web.acting import reading, writing
from ..web.filters import moment
from ..web.language import _
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint
from .unusual import Finding, find_unusual


@blueprint.get(f"{ROOT}/unusual")
@permit("audit")
def unusual(hub: str) -> Response:
    """List the unusual accesses of a day; looking at the list is an act of its own."""
    ctx, limits = reading(), services().settings.unusual
    today = ctx.clock.today()
    day = min(_asked() or today, today)
    found = find_unusual(ctx.session, g.hub.id, day, limits)
    drawn = admin_page(
        "unusual.html",
        "unusual",
        day=day,
        rows=[{"one": one, "kind": kind_of(one), "why": why(one, limits)} for one in found],
        limits=limits,
        before_url=url_for("admin.unusual", hub=hub, day=(day - timedelta(days=1)).isoformat()),
        after_url=url_for("admin.unusual", hub=hub, day=(day + timedelta(days=1)).isoformat()) if day < today else "",
    )
    with writing() as trail:
        record(trail, "trail.read", subject=f"unusual:{day.isoformat()}")
    return drawn


def _asked() -> date | None:
    text = request.args.get("day", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)


def kind_of(one: Finding) -> str:
    """Name the rule in a word."""
    return {
        "many": _("Many residents"),
        "own_name": _("Own name"),
        "own_household": _("Own household"),
        "odd_hours": _("Odd hours"),
    }[one.kind]


def why(one: Finding, limits: Unusual) -> str:
    """Say why an access stands on the list."""
    first, last = moment(one.first), moment(one.last)
    if one.kind == "many":
        return _(
            "{count} different residents between {first} and {last}; shown is more than {limit} in {minutes} minutes.",
            count=one.count, first=first, last=last, limit=limits.residents, minutes=limits.minutes,
        )  # fmt: skip
    if one.kind == "odd_hours":
        return _(
            "{count} residents between {first} and {last}, outside the shift from {start}:00 to {end}:00.",
            count=one.count, first=first, last=last, start=limits.from_hour, end=limits.to_hour,
        )  # fmt: skip
    if one.kind == "own_name":
        return _("A resident with the worker's own name, at {first}. It may be a namesake; ask.", first=first)
    return _("Somebody who lives with a resident of the worker's own name, at {first}. Ask.", first=first)
