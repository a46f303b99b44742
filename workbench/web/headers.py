"""Security headers for every answer, put on below Flask: also an answer nobody foresaw has them."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, current_app, request

from .cookies import Wsgi, with_prefix

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FIXED = [
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"),
    ("X-Frame-Options", "DENY"),
]
NOT_KEPT = [*FIXED, ("Cache-Control", "no-store")]
SECURE = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def install(app: Flask) -> None:
    """Add the headers; nothing but static files may be kept by a browser."""
    is_https = _is_public_https(app)
    bound = with_prefix(app.wsgi_app, is_https)
    app.wsgi_app = _with_headers(bound, f"{app.static_url_path}/", is_https)  # type: ignore[assignment,method-assign]


def is_https() -> bool:
    """Tell whether the browser speaks https: to us, or to the proxy whose address the settings name."""
    return request.is_secure or _is_public_https(current_app)


def _is_public_https(app: Flask) -> bool:
    return bool(app.extensions["workbench"].settings.public_url.startswith("https:"))


def _with_headers(application: Wsgi, static: str, always_https: bool) -> Wsgi:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_static = environ["PATH_INFO"].startswith(static)
        is_secure = always_https or environ["wsgi.url_scheme"] == "https"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = headers if is_static else [one for one in headers if one[0] != "Cache-Control"]
            added = FIXED if is_static else NOT_KEPT
            return start_response(status, [*kept, *added, *([SECURE] if is_secure else ())], exc_info)

        return application(environ, start)

    return answer
