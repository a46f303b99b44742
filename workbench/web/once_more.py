"""What happens when two do the same at one moment and the database gives way to one: the other is done once more.

The second time it sees what the first left, and answers in its own words: settled already, taken, done before.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Response

from ..store.collisions import has_collided
from .acting import close_reading
from .errors import NOBODY
from .here import asked, held
from .language import _
from .pages import page

T = TypeVar("T")
#: Parts of the names of what is never written into a page, so that a form that has it is filled in anew.
SECRET = ("password", "secret")
TOKEN_FIELD = "csrf_token"  # noqa: S105 - the name of a field


def once_more(do: Callable[[], T]) -> T:
    """Do something, and a second time where somebody else was in its way and nothing is committed yet."""
    try:
        return do()
    except Exception as error:
        if not left_nothing(error):
            raise
    close_reading()  # what was read so far is older than what the other one left
    for upload in asked().files.values():
        upload.seek(0)
    return do()


def left_nothing(error: Exception) -> bool:
    """Tell whether this request was in somebody's way and left no trace, so that it may be made again."""
    return has_collided(error) and not held().get("has_written", False)


def try_again_page(code: str) -> Response:
    """Draw what to do when it was in somebody's way both times: what was typed is there, to be sent again."""
    request = asked()
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != TOKEN_FIELD]
    is_whole = not request.files and not any(part in name for name, _value in typed for part in SECRET)
    by_hand = _("Go back in the browser and send it again; what you typed is still there.")
    return page(
        "error.html",
        status=409,
        **NOBODY,
        title=_("Somebody did the same at this moment"),
        happened=_("Two wanted to write in the same place. Yours was not saved, and nothing else was changed."),
        next_step=_("Send it again; what you typed is kept. If it happens again, tell the help desk the code below.")
        if is_whole
        else by_hand,
        again_path=request.path if is_whole and request.method == "POST" else "",
        again=typed,
        code=code,
    )
