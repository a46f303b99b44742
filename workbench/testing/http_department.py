"""The web server of pretend departments that speak HTTP: faults every such way has, then the answer.

A department gives one function from `Asked` to `Answered`; everything common,
including losing an answer after the matter was taken, happens here.
"""

import gzip
import json
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .department import DepartmentHome

FAULTS = {
    "down": "answers 503 to everything",
    "slow_ms": "waits so many milliseconds before it answers",
    "http_500": "fails with HTTP 500 before it takes anything",
    "garbage": "answers bytes that mean nothing",
    "sign_in_page": "answers a Chinese sign-in page with HTTP 200",
    "redirect": "sends the caller to this other address",
    "lose_answer": "takes the matter, then cuts the connection",
    "http_500_after_taking": "takes the matter, then fails with HTTP 500",
    "late_ms": "takes the matter, then waits so many milliseconds before it answers",
    "drip_ms": "answers one byte at a time, so many milliseconds apart",
    "huge_answer": "answers three megabytes",
    "wrong_shape": "answers a list of odd things where an object was promised",
    "gb18030": "answers in GB18030 without saying so",
    "too_many": "answers 429 and asks to be left alone for two seconds",
    "server_page": "fails with HTTP 502 and a page",
    "huge": "answers 100 MB",
    "bomb": "answers 100 MB packed into 100 KB",
    "false_charset": "answers GBK and calls it UTF-8",
}
HUGE = 100 * 1024 * 1024
SIGN_IN_PAGE = "<!DOCTYPE html><html lang='zh-CN'><meta charset='utf-8'><title>请登录</title><h1>请登录</h1></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    def form(self) -> dict[str, str]:
        """Read the body as form fields."""
        fields = parse_qs(self.body.decode("utf-8"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer; `took` says that the request entered a matter in the books."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    took: bool = False


def answer_json(content: Any, status: int = 200, *, took: bool = False) -> Answered:
    """Answer one JSON value."""
    return Answered(json.dumps(content, ensure_ascii=False).encode(), status, took=took)


def keep_secret(home: DepartmentHome, name: str, length: int = 32) -> str:
    """Give a secret of this department, made at its first start and kept in its home folder."""
    path = home.folder / f"{name}.secret"
    if not path.exists():
        path.write_text(secrets.token_hex(length)[:length])
        path.chmod(0o600)
    return path.read_text()


def serve_http(
    home: DepartmentHome, answer: Callable[[Asked], Answered], settings: Callable[[str], Mapping[str, Any]]
) -> None:
    """Listen on loopback, announce `settings(base_url)`, and answer until the process is ended."""
    handler = type("Handler", (_Handler,), {"home": home, "answer": staticmethod(answer)})
    server = listen(home.last_port(), handler)
    port = server.server_address[1]
    home.announce(settings(f"http://127.0.0.1:{port}"), port=port)
    with server:
        server.serve_forever(poll_interval=0.2)


class Listener(ThreadingHTTPServer):
    """A server to which many may come at once, and which has nothing to say about one that hangs up."""

    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Complain of our own faults only."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def listen(port: int, handler: type[BaseHTTPRequestHandler]) -> Listener:
    """Listen at a port of the loopback, at another one where that is taken."""
    try:
        return Listener(("127.0.0.1", port), handler)
    except OSError:  # somebody else holds the old port
        return Listener(("127.0.0.1", 0), handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Two small writes per answer would otherwise wait 40 ms for each other.
    disable_nagle_algorithm = True
    wbufsize = -1
    home: DepartmentHome
    answer: Callable[[Asked], Answered]

    def _serve(self) -> None:
        faults = self.home.faults()
        asked = self._asked()
        if faults.get("counts_calls"):
            with (self.home.folder / "calls").open("ab") as calls:
                calls.write(b".")
        time.sleep(float(faults.get("slow_ms", 0)) / 1000)
        answered = _spoil(faults) or self.answer(asked)
        if faults.get("lose_answer") and answered.took:
            self.close_connection = True
            return
        if answered.took:
            time.sleep(float(faults.get("late_ms", 0)) / 1000)
        if faults.get("false_charset"):
            answered = replace(answered, body=answered.body.decode().encode("gbk", "replace") + "说明".encode("gbk"))
        self._send(_spoil_after(faults, answered), float(faults.get("drip_ms", 0)) / 1000)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of http.server

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        return Asked(self.command, parts.path, query, headers, body)

    def _send(self, answered: Answered, apart: float) -> None:
        self.send_response(answered.status)
        self.send_header("Content-Type", answered.content_type)
        self.send_header("Content-Length", str(len(answered.body)))
        for name, value in answered.headers.items():
            self.send_header(name, value)
        self.end_headers()
        pieces = [answered.body] if not apart else [answered.body[n : n + 1] for n in range(len(answered.body))]
        with suppress(OSError):  # the caller may hang up in the middle
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(apart)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep silent: requests may name residents."""


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * HUGE, 6)


def _spoil(faults: Mapping[str, Any]) -> Answered | None:
    if faults.get("down"):
        return Answered("系统维护中".encode(), 503, "text/plain; charset=utf-8", {"Retry-After": "30"})
    if faults.get("http_500"):
        return Answered(b"Internal Server Error", 500, "text/plain")
    if faults.get("too_many"):
        return Answered(b"", 429, "text/plain", {"Retry-After": "2"})
    if faults.get("server_page"):
        return Answered(b"<html><title>502 Bad Gateway</title></html>", 502, "text/html")
    if faults.get("huge"):
        return Answered(b" " * HUGE)
    if faults.get("bomb"):
        return Answered(_bomb(), headers={"Content-Encoding": "gzip"})
    if faults.get("garbage"):
        return Answered(b"\x00\xff\xfe}{", 200)
    if faults.get("sign_in_page"):
        return Answered(SIGN_IN_PAGE.encode(), 200, "text/html; charset=utf-8")
    if faults.get("redirect"):
        return Answered(b"", 302, "text/html", {"Location": str(faults["redirect"])})
    return None


def _spoil_after(faults: Mapping[str, Any], answered: Answered) -> Answered:
    """Spoil an answer whose matter may be in the books already."""
    if faults.get("http_500_after_taking") and answered.took:
        return Answered(b"Internal Server Error", 500, "text/plain", took=True)
    if faults.get("huge_answer"):
        return replace(answered, body=answered.body + b" " * 3 * 1024 * 1024)
    if faults.get("wrong_shape"):
        return replace(answered, body=b'[17, null, {"x": []}]')
    if faults.get("gb18030"):
        return replace(answered, body=answered.body.decode("utf-8", "replace").encode("gb18030"))
    return answered
