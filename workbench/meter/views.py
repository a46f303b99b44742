"""The page of the meter: a picture that is read in ten seconds, the figures below it, and both as a file."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from ..catalogue.loaded import catalogue
from ..hubs.open_lines import open_lines
from ..identity.audit import record
from ..identity.may import may
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.language import _, bilingual
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .export import KINDS, write_file
from .find import Metered, add_up, counted_until, read_meter
from .formula import Sums, constants
from .picture import WIDTH, bars, columns

blueprint = Blueprint("meter", __name__, url_prefix="/h/<hub>/second-entry")


@blueprint.get("")
@permit("board")
def meter(hub: str) -> Response:
    """Show what was typed and what was not."""
    ctx = reading()
    found = _found(ctx)
    months = add_up(found, "month")
    month = request.args.get("month", "")
    month = month if month in months else max(months, default="")
    shown = [one for one in found if one.month == month]
    sums = months.get(month, Sums())
    lines = add_up(shown, "line_id")
    return page(
        "meter/meter.html",
        month=month,
        months=[(one, one) for one in sorted(months, reverse=True)],
        sums=sums,
        hours=_hours(sums.minutes),
        bars=bars(sums),
        width=WIDTH,
        columns=columns(months),
        lines=[_row(_line_name(ctx, line_id), lines[line_id]) for line_id in sorted(lines)],
        items=[_row(_title(ctx, one.item_code), one.sums) for one in sorted(shown, key=_most_saved)],
        until=counted_until(ctx),
        constants=constants(),
        export_urls=[(kind, url_for("meter.export", hub=hub, kind=kind)) for kind in KINDS],
    )


def _found(ctx: Context) -> list[Metered]:
    """Give what this worker may see: the lines the role is for."""
    lines = [line.id for line in services().installed.lines if may(ctx.actor, "board", line.id)]
    return read_meter(ctx, lines)


def _most_saved(one: Metered) -> tuple[int, str]:
    return -one.sums.minutes, one.item_code


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}" if minutes else "0"


def _row(name: str, sums: Sums) -> dict[str, Any]:
    return {
        "name": name,
        "cases": sums.cases,
        "fields": sums.fields,
        "by_hand": sums.by_hand,
        "filled": f"{sums.filled} ({sums.filled_percent} %)",
        "typed": sums.typed,
        "retyped": sums.retyped,
        "minutes": sums.minutes,
    }


def _title(ctx: Context, code: str) -> str:
    item = catalogue(services().installed).find(code, ctx.hub.division, ctx.clock.today())
    return bilingual(item.manifest.title_zh, item.manifest.title_en) if item else code


def _line_name(ctx: Context, line_id: str) -> str:
    for line in open_lines(ctx.session, ctx.hub, services().installed):
        if line.id == line_id and line.manifest is not None:
            return bilingual(line.manifest.name_zh, line.manifest.name_en)
    return line_id


@blueprint.get("/export.<kind>")
@permit("board")
def export(hub: str, kind: str) -> Response:
    """Give all months as a file; who took it stands in the trail."""
    if kind not in KINDS:
        abort(404)
    ctx = reading()
    rows = [_exported(ctx, one) for one in _found(ctx)]
    content = write_file(kind, _("Second entry"), rows)
    with writing() as trail:
        record(trail, "meter.export", subject=f"hub:{ctx.hub.id}", detail={"kind": kind})
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="second-entry-{hub}.{kind}"'
    return response


def _exported(ctx: Context, one: Metered) -> dict[str, Any]:
    sums = one.sums
    return {
        _("Month"): one.month,
        _("Line"): _line_name(ctx, one.line_id),
        _("Item"): _title(ctx, one.item_code),
        _("Item code"): one.item_code,
        _("Cases"): sums.cases,
        _("Fields needed"): sums.fields,
        _("Entries by hand"): sums.by_hand,
        _("Filled by data"): sums.filled,
        _("Typed once"): sums.typed,
        _("Typed again elsewhere"): sums.retyped,
        _("Re-keying sheets"): sums.sheets,
        _("Seconds at them"): sums.retyping_seconds,
        _("Minutes saved"): sums.minutes,
    }
