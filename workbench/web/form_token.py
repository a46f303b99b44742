"""The form token and the signed cookie that holds its other half, each worked out once and not for every request.

Flask signs and reads this cookie, Flask-WTF compares; here only what has been verified or signed before is
remembered, and a new one is made when it is not.
"""

import hmac
import time
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer

from .here import asked, held

NAME = "csrf_token"
#: Seconds for which a cookie that was verified is not verified again, and how many of them are remembered.
TRUSTED, MOST = 60.0, 4096


class KeptSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, with its signer made once and what was verified remembered."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._verified: dict[str, tuple[float, dict[str, Any]]] = {}

    @cached_property
    def _signer(self) -> URLSafeTimedSerializer | None:
        return super().get_signing_serializer(self._app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Give the one signer of this application."""
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; one that nobody signed gives an empty session."""
        value = request.cookies.get(self.get_cookie_name(app), "")
        known = self._verified.get(value)
        if known is not None and time.monotonic() - known[0] < TRUSTED:
            return self.session_class(known[1])
        found = super().open_session(app, request)
        if found and all(isinstance(one, str) for one in found.values()):
            while len(self._verified) >= MOST:
                self._verified.pop(next(iter(self._verified)), None)
            self._verified[value] = (time.monotonic(), dict(found))
        return found


class KeptProtection(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's check of the token, which it makes whenever the token was not verified before."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Let a change pass that carries the token of its cookie; raises CSRFError."""
        half, sent = (session.get(NAME), request.form.get(NAME)) if self._is_asked(apply_exemptions) else ("", "")
        if half and sent and _is_pair(current_app.secret_key, half, sent):
            g.csrf_valid = True
        else:
            super().protect(apply_exemptions)

    def _is_asked(self, apply_exemptions: bool) -> bool:
        """Tell whether a form is to be read at all: what is exempt reads its own body, within its own limits."""
        request = asked()
        is_change = request.method in current_app.config["WTF_CSRF_METHODS"]
        return is_change and bool(request.endpoint) and not (apply_exemptions and self._is_exempt())


def install(app: Flask) -> None:
    """Let the application ask for the token, and keep what it verified."""
    app.session_interface = KeptSessions(app)
    KeptProtection(app)


def csrf_token() -> str:
    """Give the token that forms of this browser carry; it stays the same as long as its cookie does."""
    here = held()
    token = here.get(NAME)
    if token is None:
        half = session.get(NAME)
        token = _sign(current_app.secret_key, half) if half else generate_csrf()
        setattr(here, NAME, token)
    return str(token)


@lru_cache(maxsize=MOST)
def _is_pair(secret: str | bytes, half: str, token: str) -> bool:
    """Tell whether a token is the signed half of its cookie; a form may stay open for a whole shift."""
    try:
        return hmac.compare_digest(half, _signer(secret).loads(token))
    except (BadData, TypeError):
        return False


def _signer(secret: str | bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="wtf-csrf-token")


@lru_cache(maxsize=MOST)
def _sign(secret: str | bytes, half: str) -> str:
    """Sign as Flask-WTF does, which checks it."""
    return str(_signer(secret).dumps(half))
