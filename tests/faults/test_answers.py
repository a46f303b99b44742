"""Answers and commits that are not what they seem: none of them is taken for a success."""

import datetime
import http.server
import ipaddress
import json
import sqlite3
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import exc, text
from sqlalchemy.exc import OperationalError

from adapters.transports.exchange_db.failures import recovery
from adapters.transports.rest import client
from adapters.transports.rest.calls import Call, Reply
from adapters.transports.rest.client import HttpClient
from workbench.api import BrokenPromise, TryLater
from workbench.store.engine import Store, open_store
from workbench.store.key_file import make_keys


def test_page_is_no_answer_though_it_could_be_read() -> None:
    with pytest.raises(BrokenPromise, match="sign-in page"):
        Reply(200, {"content-type": "text/html"}, b'{"code": "1"}').json()


def test_answer_in_another_charset_is_no_answer() -> None:
    body = json.dumps({"msg": "已受理"}, ensure_ascii=False).encode("gbk")
    with pytest.raises(BrokenPromise):
        Reply(200, {"content-type": "application/json; charset=utf-8"}, body).json()


class Packed:
    """An answer of 100 MB that came packed into 100 KB."""

    length = 0

    def __init__(self) -> None:
        self.headers = Message()
        self.headers["Content-Encoding"] = "gzip"
        packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        self.pieces = [b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(100)), packer.flush()])]

    def read1(self, most: int) -> bytes:
        return self.pieces.pop() if self.pieces else b""

    def close(self) -> None:
        """Nothing to let go of."""


def test_packed_answer_takes_no_more_memory_than_its_cap() -> None:
    answer: Any = Packed()
    tracemalloc.start()
    try:
        with pytest.raises(BrokenPromise):
            client._read(answer, float("inf"))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5 * client.MAX_BYTES


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A host that answers everything well, under a certificate nobody signed; gives its address and what it heard."""
    heard: list[bytes] = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.handle_error = lambda *given: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path / "host.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


def _certificate(file: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    at = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(at, critical=False).sign(key, hashes.SHA256())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*plain) + signed.public_bytes(serialization.Encoding.PEM))
    return file


def test_host_with_a_wrong_certificate_is_told_nothing(impostor: tuple[str, list[bytes]]) -> None:
    address, heard = impostor
    sender = HttpClient({"base_url": address}, 10)
    try:
        with pytest.raises(TryLater):
            sender.send(Call("POST", "cases", body=b"personal"), lost=TryLater)
    finally:
        sender.close()
    assert heard == []


@pytest.mark.parametrize("code", [1213, 1205], ids=["MariaDB: deadlock", "MariaDB: lock not granted"])
def test_deadlock_is_tried_later(code: int) -> None:
    error = exc.OperationalError("INSERT", {}, Exception(code, "try restarting transaction"))
    assert isinstance(recovery(error), TryLater)


@pytest.fixture
def small_store(tmp_path: Path) -> Iterator[Store]:
    keys = make_keys(tmp_path / "keys.toml")
    store = open_store(f"sqlite:///{tmp_path / 'small.db'}", keys)
    with store.write() as session:
        session.execute(text("CREATE TABLE shown (number INTEGER)"))
    yield store
    store.close()


def test_writer_waits_for_another_program(small_store: Store) -> None:
    with closing(
        sqlite3.connect(str(small_store.engine.url.database), isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        ending = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        ending.start()
        with small_store.write() as session:
            session.execute(text("INSERT INTO shown VALUES (1)"))
        ending.join()


@pytest.mark.parametrize("spare", range(5))
def test_commit_that_fails_at_any_write_is_never_silent(small_store: Store, spare: int) -> None:
    shown: list[int] = []
    with pytest.raises(OperationalError, match="disk is full"), small_store.write() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count={pages + spare}"))  # full at the write after so many
        for number in range(10):
            session.execute(text("INSERT INTO shown VALUES (zeroblob(4000))"))
            shown.append(number)

    assert len(shown) < 10
    with small_store.read() as session:
        assert session.execute(text("SELECT count(*) FROM shown")).scalar_one() == 0
