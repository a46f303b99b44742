"""Every page that shows a resident leaves a row in the trail, also where its view says nothing.

While a request runs, whatever reads residents for a page notes whom; what a view writes into the trail itself is noted
too. What is left when the answer is ready is written down before it is given out: a row for each resident a page was
about, and one row that names all residents of its lists.
"""

from flask import Flask, Response

from ..web.here import application, asked, held
from ..web.permit import permission_of
from .audit import Act, record_all
from .evidence import leave
from .seen import CURRENT, Seen, reason

#: Residents of one list that a row names at most; no list of the product is longer.
MOST = 200
#: Answers that show a page: as asked for, or again with what is wrong.
PAGES = (200, 409, 422)


def install(app: Flask) -> None:
    """Write down what was shown before any answer is given out."""
    app.before_request(_begin)
    app.after_request(_write)
    app.teardown_request(_end)


def _begin() -> None:
    endpoint = asked().endpoint
    CURRENT.set(Seen(why=permission_of(application(), endpoint) if endpoint else ""))


def _write(response: Response) -> Response:
    seen, endpoint = CURRENT.get(), asked().endpoint
    if seen is None or response.status_code not in PAGES or "signed_in" not in held() or not endpoint:
        return response
    acts = [Act("page.look", person_id, f"page:{endpoint}") for person_id in seen.shown if person_id not in seen.told]
    left = [person_id for person_id in seen.listed if person_id not in seen.told and person_id not in seen.shown]
    if left:
        acts.append(Act("list.look", "", f"page:{endpoint}", reason(), {"people": left[:MOST]}))
    if acts:
        leave(lambda ctx: record_all(ctx, acts))
    return response


def _end(error: BaseException | None = None) -> None:
    CURRENT.set(None)
