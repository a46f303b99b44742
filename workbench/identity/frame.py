"""What the pages of sign-on share: their blueprint, the session's cookie, the way onwards, and refusals as pages."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.nouns import Worker
from ..staff.models import WorkerRow
from ..store.context import Context
from ..web.acting import writing
from ..web.errors import NOBODY
from ..web.headers import is_https
from ..web.htmx import go_to
from ..web.language import _
from ..web.pages import page
from ..web.services import services
from . import sessions
from .audit import record
from .passkeys import Site
from .sign_in import let_in

blueprint = Blueprint("identity", __name__)
#: Where platforms' screens ask for a sign-on.
AUTHORIZE = "/oidc/authorize"
#: Binds what this browser has begun to this browser.
BEGUN = "workbench_begun"
#: Holds the secret of a challenge or of a second step.
STEP = "workbench_step"


def site() -> Site:
    """Tell how this workbench is reached: as its settings say, or as this request named it."""
    return Site(services().settings.public_url or request.host_url.rstrip("/"))


def enter_as(ctx: Context, row: WorkerRow, proof: sessions.Proof) -> str:
    """Begin a session for a worker whom some way in has proven; whoever sat here before is signed out."""
    g.worker = Worker(row.id, row.username, row.name)
    acting = Context(ctx.session, g.worker, ctx.hub, ctx.clock, ctx.keys, ctx.files, ctx.origin)
    token = let_in(acting, row.id, proof, before=g.get("signed_in") or g.get("locked_in"))
    action = "sign-in.emergency" if proof.way == "emergency" else "sign-in"
    record(acting, action, subject=proof.provider_id or proof.way)
    return token


def entered(token: str) -> AnyResponse:
    """Send a worker who has just signed in onwards, with the cookie of the new session."""
    response = proceed()
    response.set_cookie(sessions.COOKIE, token, httponly=True, samesite="Lax", secure=is_https())
    forget_other_worker(response)
    return response


def proceed() -> AnyResponse:
    """Send a worker onwards.

    A platform's screen that waits for the sign-on is reached over a page of ours: browsers do not let the
    answer to a form lead to another site.
    """
    url = onwards()
    return go_on_page(url) if url.startswith(AUTHORIZE) else go_to(url)


def forget_other_worker(response: AnyResponse) -> None:
    """Leave nothing of whoever sat here before in the browser, unless it is the same worker."""
    before = g.get("signed_in") or g.get("locked_in")
    if before is None or before.worker_id != g.worker.id:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    if before is not None and before.worker_id != g.worker.id:
        session.clear()


def keep_step(response: AnyResponse, secret: str) -> None:
    """Give the browser what finishes the step it has begun."""
    response.set_cookie(STEP, secret, max_age=600, httponly=True, samesite="Strict", secure=is_https())


def go_on_page(url: str, name: str = "") -> Response:
    """Show where the browser goes next, and have it go there at once, without a script."""
    response = page("identity/go_on.html", url=url, name=name)
    response.headers["Refresh"] = f"0;url={url}"
    return response


def refusal(
    title: str, happened: str, next_step: str, *, status: int = 403, next_url: str = "", next_text: str = ""
) -> Response:
    """Draw why somebody was not let in, and what to do now."""
    return page(
        "error.html",
        status=status,
        **NOBODY,
        title=title,
        happened=happened,
        next_step=next_step,
        code="",
        next_url=next_url or ("" if "signed_in" in g else url_for("identity.sign_in")),
        next_text=next_text or _("Back to sign-in"),
    )


def asked() -> dict[str, Any]:
    """Give what a sign-in form carries along: where to go afterwards, and a form that was kept."""
    return {"next_url": local(request.values.get("next", "")), "parked_id": request.values.get("parked", "")[:26]}


def onwards() -> str:
    """Give where a worker goes after signing in."""
    carried = g.get("carried") or asked()
    if parked := carried["parked_id"]:
        return url_for("identity.kept", parked_id=parked)
    return carried["next_url"] or "/"


def local(url: str) -> str:
    """Keep only addresses on this site, as browsers read them: they leave tabs out and take a backslash for a slash."""
    is_ours = url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()
    return url if is_ours else ""


def local_referrer() -> str:
    """Give the page this request came from, if it is one of ours."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    return local(parts.path) if parts.netloc == request.host else ""


def note(action: str, **about: Any) -> None:
    """Write one act into the trail, in a transaction of its own."""
    with writing() as ctx:
        record(ctx, action, **about)
