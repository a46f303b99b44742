"""The only place that reads or writes htmx headers, so that another major version is a change of one file."""

from urllib.parse import quote

from flask import Flask, Response, make_response, redirect
from flask.wrappers import Response as FlaskResponse
from flask_htmx import HTMX
from werkzeug.wrappers import Response as AnyResponse

from .here import asked

htmx = HTMX()
VARY = "HX-Request, HX-Boosted, HX-History-Restore-Request"


def install(app: Flask) -> None:
    """Let the application answer htmx."""
    htmx.init_app(app)

    @app.after_request
    def vary(response: Response) -> Response:
        response.headers.add("Vary", VARY)
        return response


def wants_fragment() -> bool:
    """Tell whether a block of the page is asked for; boosted and restored pages are whole pages."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def is_htmx() -> bool:
    """Tell whether htmx asked at all."""
    return bool(htmx)


def is_poll() -> bool:
    """Tell whether a page asked again by itself, without anybody at the screen."""
    return asked().headers.get("X-Poll") == "1"


def go_to(url: str) -> AnyResponse:
    """Send the browser to another page: a redirect, or the header that makes htmx load it whole."""
    if not htmx:
        return redirect(url, 303)
    response: FlaskResponse = make_response("", 204)
    response.headers["HX-Redirect"] = quote(url, safe="/:?&=#%")
    return response
