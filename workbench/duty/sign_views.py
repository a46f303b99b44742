"""The page of the desk sign: open to the hall, without sign-on, asked again by itself; no data of residents."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, url_for

from ..hubs.open_lines import find_hub, open_lines
from ..web.acting import reading
from ..web.filters import moment
from ..web.language import _, bilingual
from ..web.live import is_seen, mark_of, marked, unchanged
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from ..web.services import services
from .sign import Sign, read_sign
from .words import line_name

blueprint = Blueprint("duty_sign", __name__)


@blueprint.get("/desk-sign/<hub_id>")
@permit(PUBLIC)
def sign(hub_id: str) -> Response:
    """Show who is who at a hub now. Seven queries."""
    ctx = reading()
    hub = find_hub(ctx.session, hub_id)
    if hub is None:
        abort(404)
    here = replace(ctx, hub=hub)
    lines = [line.id for line in open_lines(here.session, hub, services().installed)]
    signs, on_shift = read_sign(here.session, hub.id, lines, here.clock.now())
    mark = mark_of((signs, on_shift))
    if is_seen(mark):
        return unchanged(mark)
    drawn = page(
        "duty/sign.html",
        "region",
        hub_name=bilingual(hub.name_zh, hub.name_en),
        signs=[_draw(one) for one in signs],
        on_shift=bilingual("、", ", ").join(on_shift),
        at=moment(here.clock.now()),
        live_url=url_for("duty_sign.sign", hub_id=hub_id),
        mark=mark,
        large=True,
    )
    return marked(drawn, mark)


def _draw(one: Sign) -> dict[str, Any]:
    if not one.now:
        word, tone, icon = _("nobody"), "orange-full", "triangle-alert"
    elif not one.is_at_desk:
        word, tone, icon = _("off shift"), "grey", "clock"
    elif one.is_covered:
        word, tone, icon = _("B post"), "orange", "users"
    else:
        word, tone, icon = _("A post"), "blue", "check"
    if one.until:
        word = _("{word} · A is back {time}", word=word, time=moment(one.until))
    return {
        "line": line_name(one.line_id), "a": one.a, "b": one.b, "now": one.now, "word": word, "tone": tone, "icon": icon
    }  # fmt: skip
