"""A pretend department that is a program of web pages: accounts, sessions, forms, faults.

The pages themselves are functions of one `Visit`; this module serves them on loopback
in the charset the program was written in, and turns the faults every such program has.
"""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .department import DepartmentHome
from .http_department import listen

#: Faults any program of pages can have; a program adds its own to these.
COMMON_FAULTS = {
    "down": "answers 503 to everything",
    "slow_ms": "waits so many milliseconds before each answer",
    "http_500": "answers 500 with a page of its own",
    "garbage": "answers bytes that are no page",
    "sign_in_page": "answers the sign-in page to everything, however often one signs in",
    "expired_credentials": "does not let anybody sign in: the password has expired",
    "lose_answer": "takes a matter, then cuts the connection; a number N does so N times",
    "session_lost": "forgets who signed in when a form is sent; a number N does so N times, a path once there",
}
COOKIE = "ASP.NET_SessionId"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: where, what was filled in, and who is signed in (empty for nobody)."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    user: str = ""

    @property
    def sends(self) -> bool:
        """True when a form was sent."""
        return bool(self.form)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page answers: its HTML, or where to go next."""

    html: str = ""
    go_to: str = ""
    signs_on: str = ""  # the user who is signed in from now on
    took: bool = False  # a matter was entered in the books


class Switches:
    """Fault switches; a number N means "the next N times" since it was set."""

    def __init__(self, home: DepartmentHome) -> None:
        self.home = home
        self.seen: dict[str, Any] = {}
        self.used: dict[str, int] = {}
        self.lock = threading.Lock()

    def on(self, name: str, path: str = "") -> bool:
        """Say whether the fault strikes now, and count that it did. A switch that names a path strikes there, once."""
        with self.lock:
            faults = self.home.faults()
            if faults != self.seen:
                self.seen, self.used = faults, {}
            value = faults.get(name, False)
            if path and isinstance(value, str):
                value = 1 if value == path else False
            if isinstance(value, bool) or not isinstance(value, int):
                return bool(value)
            self.used[name] = self.used.get(name, 0) + 1
            return self.used[name] <= value


class WebProgram:
    """Pages behind one sign-on. `show` turns a visit into a page, `sign_in` is the page for strangers."""

    def __init__(
        self, home: DepartmentHome, show: Callable[[Visit], Shown], sign_in: Callable[[Visit], Shown], charset: str
    ) -> None:
        self.home = home
        self.show = show
        self.sign_in = sign_in
        self.charset = charset
        self.switches = Switches(home)
        self.sessions: dict[str, str] = {}  # in memory, as there: a restart signs everybody off

    def answer(self, visit: Visit, session: str) -> tuple[Shown, str]:
        """Answer one visit and give the session to keep."""
        user = self.sessions.get(session, "")
        if user and visit.sends and self.switches.on("session_lost", visit.path):
            self.sessions.clear()
            user = ""
        visit = Visit(visit.path, visit.query, visit.form, user)
        if self.switches.on("sign_in_page"):
            return self.sign_in(Visit(visit.path)), session
        shown = self.show(visit) if user else self.sign_in(visit)
        if shown.signs_on:
            session = secrets.token_hex(12)
            self.sessions[session] = shown.signs_on
        return shown, session

    def serve(self, announce: Callable[[int], None]) -> None:
        """Listen on loopback, tell the port, and serve until the process ends."""
        program = self

        class Handler(PageHandler):
            web_program = program

        with listen(self.home.last_port(), Handler) as server:
            announce(server.server_address[1])
            server.serve_forever()


class PageHandler(BaseHTTPRequestHandler):
    """Bytes in and out for one program."""

    web_program: WebProgram
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *args: object) -> None:
        """Keep quiet: addresses may hold personal data."""

    def do_GET(self) -> None:
        self._handle({})

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length", 0)), 1 << 20)
        self._handle(self._fields(self.rfile.read(length).decode("ascii", "replace")))

    def _fields(self, text: str) -> dict[str, str]:
        pairs = parse_qsl(text, keep_blank_values=True, encoding=self.web_program.charset, errors="replace")
        return dict(pairs)

    def _handle(self, form: dict[str, str]) -> None:
        switches = self.web_program.switches
        time.sleep(float(switches.home.faults().get("slow_ms", 0)) / 1000)
        if switches.on("down"):
            return self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"")
        if switches.on("http_500"):
            return self._send(HTTPStatus.INTERNAL_SERVER_ERROR, self._page_bytes("<h1>Server Error</h1>"))
        if switches.on("garbage"):
            return self._send(HTTPStatus.OK, b"\x00\xff\xfe<<%%not a page" * 20)
        address = urlsplit(self.path)
        visit = Visit(address.path, self._fields(address.query), form)
        cookie: SimpleCookie = SimpleCookie(self.headers.get("Cookie", ""))
        session = cookie[COOKIE].value if COOKIE in cookie else ""
        shown, kept = self.web_program.answer(visit, session)
        if shown.took and switches.on("lose_answer"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        return self._reply(shown, kept if kept != session else "")

    def _reply(self, shown: Shown, new_session: str) -> None:
        headers = {"Set-Cookie": f"{COOKIE}={new_session}; path=/; HttpOnly"} if new_session else {}
        if shown.go_to:
            return self._send(HTTPStatus.FOUND, b"", headers | {"Location": shown.go_to})
        return self._send(HTTPStatus.OK, self._page_bytes(shown.html), headers)

    def _page_bytes(self, html: str) -> bytes:
        return html.encode(self.web_program.charset, "xmlcharrefreplace")

    def _send(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
