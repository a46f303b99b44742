"""What the error pages say: what happened and what to do next, never a person's data."""

from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from .language import _
from .pages import page

#: What the frame of another page says of open forms stands on no page of an error: it may be copied to a help desk.
NOBODY: dict[str, Any] = {"parked": []}


def _words(code: int) -> tuple[str, str, str]:
    """Give title, what happened, and what to do next for a status."""
    known = {
        400: (
            _("That request could not be read"),
            _("The address or the form was not complete."),
            _("Go back and try again. What you saved before is kept."),
        ),
        403: (
            _("You may not do this here"),
            _("Your roles at this hub do not include this action."),
            _("If you need it for your work, ask your hub admin for the role."),
        ),
        404: (
            _("There is nothing at this address"),
            _("The page does not exist, its line is closed at this hub, or it belongs to another hub."),
            _("Check the address, or search for the resident, item or case number."),
        ),
        405: (
            _("This address cannot be used this way"),
            _("A page was opened that only takes forms."),
            _("Go to the start page and open the form again."),
        ),
        413: (
            _("That file or form is too large"),
            _("One file may have 20 MB, one form with its files 64 MB."),
            _("Take the photo again at a lower resolution, or add the files one at a time."),
        ),
        500: (
            _("Something went wrong on our side"),
            _("The page could not be made. Nothing that was shown as accepted is lost."),
            _("Try again. If it happens again, tell the help desk the code below."),
        ),
        503: (
            _("The workbench is not ready"),
            _("The database does not answer at the moment."),
            _("Try again in a minute. Nothing that was shown as accepted is lost."),
        ),
    }
    return known.get(code, known[400 if code < 500 else 500])


def error_page(error: HTTPException, code: str = "") -> Response:
    """Draw what went wrong and what to do next."""
    status = error.code or 500
    title, happened, next_step = _words(status)
    words = {"title": title, "happened": happened, "next_step": next_step, "code": code}
    response = page("error.html", status=status, **NOBODY, **words)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def stale_form_page() -> Response:
    """Draw what to do with a form whose token no longer fits its session."""
    return page(
        "error.html",
        status=400,
        **NOBODY,
        title=_("This form was opened in an earlier session"),
        happened=_("For safety it cannot be sent as it is."),
        next_step=_("Go back, reload the page and send it again. What was saved before is kept."),
        code="",
    )
