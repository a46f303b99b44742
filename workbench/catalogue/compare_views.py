"""The page that shows two contents of one item side by side: versions, places, a draft."""

from dataclasses import replace

from flask import Blueprint, Response, abort, g, request, url_for

from ..identity.may import may
from ..web.acting import reading
from ..web.language import _, bilingual
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .compare import compare
from .loaded import catalogue
from .sides import Side, sides_of

blueprint = Blueprint("compare", __name__, url_prefix="/h/<hub>/items")


@blueprint.get("/<code>/compare")
@permit("board")
def versions(hub: str, code: str) -> Response:
    """Compare two contents; drafts are for those who may correct items. 404 for an item nobody knows."""
    sides = sides_of(reading(), catalogue(services().installed), code[:12], drafts=may(g.worker, "configure"))
    if not sides:
        abort(404)
    left, right = _chosen(sides)
    every = request.args.get("all") == "1"
    rows = compare(left.manifest, right.manifest)
    differing = [row for row in rows if row.standing != "same"]
    return page(
        "catalogue/compare.html",
        title=bilingual(right.manifest.title_zh, right.manifest.title_en),
        code=code,
        options=[(side.name, side.words) for side in sides],
        left=left,
        right=right,
        rows=rows if every else differing,
        differing=len(differing),
        same=len(rows) - len(differing),
        every=every,
        toggle_url=_url(hub, code, left.name, right.name, every=not every),
        swap_url=_url(hub, code, right.name, left.name, every=every),
        back_url=_back_url(hub, code),
        words=standing_words(),
    )


def _chosen(sides: list[Side]) -> tuple[Side, Side]:
    """Give the two that are asked for; by default what is in force on the right, the version before it on the left."""
    by_name = {side.name: side for side in sides}
    right = by_name.get(request.args.get("right", "")) or sides[0]
    left = by_name.get(request.args.get("left", ""))
    if left is None:
        others = [side for side in sides if side.manifest != right.manifest]
        left = others[0] if others else replace(right)
    return left, right


def _url(hub: str, code: str, left: str, right: str, *, every: bool) -> str:
    return url_for("compare.versions", hub=hub, code=code, left=left, right=right, all="1" if every else None)


def _back_url(hub: str, code: str) -> str:
    if may(g.worker, "see"):
        return url_for("catalogue.guide", hub=hub, code=code)
    return url_for("admin.item", hub=hub, code=code) if may(g.worker, "configure") else ""


def standing_words() -> dict[str, str]:
    """Name how a part stands."""
    return {
        "same": _("The same"),
        "changed": _("Changed"),
        "left": _("Only on the left"),
        "right": _("Only on the right"),
    }
