"""Cookies keep to this host: over https every one has the prefix `__Host-`, and none without it is read.

Browsers take a cookie of that name only with `Secure`, for the path `/` and from this very host; so neither a page on
plain http nor another host of the same domain can put one in place. Put on below Flask: inside, names are plain.
"""

from collections.abc import Callable, Iterable
from typing import Any

PREFIX = "__Host-"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_prefix(application: Wsgi, always_https: bool) -> Wsgi:
    """Give the application with its cookies bound to the host wherever the browser speaks https."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not (always_https or environ["wsgi.url_scheme"] == "https"):
            return application(environ, start_response)
        environ["HTTP_COOKIE"] = _bound(environ.get("HTTP_COOKIE", ""))

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [_bind(*header) for header in headers], exc_info)

        return application(environ, start)

    return answer


def _bound(cookies: str) -> str:
    """Give the cookies that are bound to this host, under their plain names."""
    parts = (part.strip() for part in cookies.split(";"))
    return "; ".join(part.removeprefix(PREFIX) for part in parts if part.startswith(PREFIX))


def _bind(name: str, value: str) -> tuple[str, str]:
    if name.lower() != "set-cookie":
        return name, value
    secure = "" if "; secure" in value.lower() else "; Secure"  # also a cookie that is taken away
    return name, f"{PREFIX}{value}{secure}"
