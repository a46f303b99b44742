"""The server of pretend departments: what a caller may do to it."""

import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.request import urlopen

import pytest
from waiting import wait_for

from workbench.testing.http_department import Listener, listen

HANGS_UP = struct.pack("ii", 1, 0)  # closing sends a reset


class Broken(BaseHTTPRequestHandler):
    """Answers everything but one address, at which it fails."""

    def do_GET(self) -> None:
        if self.path == "/fault":
            raise LookupError("a fault of ours")
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Listener]:
    with listen(0, Broken) as made:
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield made
        made.shutdown()


def call(server: Listener, text: bytes) -> None:
    """Say something and hang up without waiting for an answer."""
    with socket.create_connection(server.server_address[:2]) as caller:  # type: ignore[arg-type]
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANGS_UP)
        caller.sendall(text)


def test_caller_who_hangs_up_is_no_fault_and_ours_are_told(server: Listener, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(20):
        call(server, b"GET / HTTP/1.1\r\n")
    port = server.server_address[1]
    with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        assert answer.status == 204
    call(server, b"GET /fault HTTP/1.1\r\n\r\n")

    said: list[str] = []
    wait_for(lambda: said.append(capfd.readouterr().err) or "LookupError: a fault of ours" in "".join(said))
    assert "Connection" not in "".join(said)
