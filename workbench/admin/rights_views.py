"""Page of rights: who may do what at this hub and why, by worker or by right."""

from flask import Response, abort, g, request

from ..identity.may import VERBS
from ..web.acting import reading
from ..web.language import _, bilingual
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, kind_words, role_words
from .rights import rights_at


@blueprint.get(f"{ROOT}/rights")
@permit("audit")
def rights(hub: str) -> Response:
    """List the rights that count now. As many queries for one worker as for hundreds."""
    verb = request.args.get("right", "")
    if verb and verb not in VERBS:
        abort(404)
    ctx, words = reading(), verb_words()
    lines = {line.id: bilingual(line.name_zh, line.name_en) for line in services().installed.lines}
    return admin_page(
        "rights.html",
        "rights",
        rights=rights_at(ctx.session, g.hub.id, ctx.clock.now(), verb),
        verb=verb,
        verb_words=words,
        verb_options=[(one, words.get(one, one)) for one in sorted(VERBS)],
        source_words=source_words(),
        role_words=role_words(),
        line_words=lines,
    )


def source_words() -> dict[str, str]:
    """Name where rights come from."""
    return {**kind_words(), "system": _("system admin"), "emergency": _("emergency")}


def verb_words() -> dict[str, str]:
    """Name the rights."""
    return {
        "see": _("see residents and cases"),
        "search": _("search"),
        "accept": _("accept"),
        "correct": _("correct"),
        "rekey": _("type in by hand"),
        "review": _("review"),
        "approve": _("approve"),
        "queue": _("see the review list"),
        "policy": _("check policy"),
        "board": _("see the platform board"),
        "export": _("export"),
        "exchange": _("import and export lists"),
        "erase": _("release erasures"),
        "configure": _("set the hub up"),
        "staff": _("manage workers"),
        "audit": _("read the trail"),
        "system": _("set the installation up"),
    }
