"""What changes how a worker signs on asks for a sign-on of a moment ago: an open session alone is not enough for it."""

from datetime import timedelta

from flask import g

from ..store.problems import Problem
from ..web.services import services
from .second_step import SETTING_UP

FRESH = timedelta(minutes=15)


def is_fresh() -> bool:
    """Tell whether this worker has just signed on; whoever is setting a second step up has."""
    age = services().clock.now() - g.signed_in.created_at
    return bool(g.signed_in.way == SETTING_UP or age <= FRESH)


def refuse_stale() -> None:
    """Raise Problem in a session whose sign-on is longer ago."""
    if not is_fresh():
        zh = "更改登录方式前须重新登录：请退出后再登录，并在15分钟内更改。"
        en = "Sign on again before you change how you sign on: sign out, sign in, and change it within 15 minutes."
        raise Problem("sign_on_again", zh, en, field="again")
