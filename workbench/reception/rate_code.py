"""Where a visit is rated: the address in the second QR code of a receipt, and on the screen that faces the resident."""

from typing import Any

from flask import current_app, request, url_for

from ..quality.rate import token_of
from ..store.context import Context
from ..web.language import _
from ..web.services import services
from .papers.print import qr_svg


def rating_url(ctx: Context, reception_id: str) -> str:
    """Give the whole address, "" where the program has no ratings; nothing in it is about anybody."""
    if "rating.ask" not in current_app.view_functions:
        return ""
    site = services().settings.public_url or request.host_url.rstrip("/")
    return site + url_for("rating.ask", token=token_of(ctx.keys, reception_id))


def on_paper(ctx: Context, reception_id: str) -> dict[str, Any]:
    """Give what a printed receipt says of the rating."""
    return {
        "rate_qr": qr_svg(url) if (url := rating_url(ctx, reception_id)) else "",
        "rate_words": _("How was our service?"),
        "qr_words": _("Where does my matter stand?"),
    }
