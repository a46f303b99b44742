"""The independent peers of the sign-on tests, the served application, and a browser without scripts."""

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx2
import pytest
from flask import Flask
from joserfc.jwk import KeySet, RSAKey
from lxml import html
from product import eventually
from waiting import PATIENCE
from werkzeug.serving import make_server

from workbench.testing.ports import free_port

HERE = Path(__file__).parent / "identity" / "provider"
Change = Callable[[str, bytes], bytes]


@contextmanager
def served(app: Flask, port: int) -> Iterator[str]:
    """Serve an application over the wire; gives its origin."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


#: Closed at the end of each test.
CLIENTS: list[httpx2.Client] = []


def _open_client() -> httpx2.Client:
    CLIENTS.append(httpx2.Client(trust_env=False, timeout=PATIENCE))
    return CLIENTS[-1]


@dataclass
class Surfer:
    """A browser without scripts: cookies, redirects, forms. `visited` holds every address it was sent to."""

    client: httpx2.Client = field(default_factory=_open_client)
    visited: list[str] = field(default_factory=list)
    answer: Any = None

    def get(self, url: str, until: str = "\0") -> "Surfer":
        """Open an address and follow where it leads; stops before an address that starts with `until`."""
        return self._follow(self.client.get(url), until)

    def submit(self, until: str = "\0", form: int = 0, **typed: str) -> "Surfer":
        """Fill in a form of the page and send it."""
        found = html.fromstring(self.answer.text, base_url=str(self.answer.url)).forms[form]
        values = {name: value for name, value in found.form_values() if name} | typed
        url = urljoin(str(self.answer.url), found.action or "")
        sent = self.client.post(url, data=values) if found.method == "POST" else self.client.get(url, params=values)
        return self._follow(sent, until)

    def _follow(self, answer: Any, until: str) -> "Surfer":
        self.answer = answer
        for _ in range(12):
            to = answer.headers.get("location") or answer.headers.get("refresh", "").partition("url=")[2]
            if not to:
                return self
            url = urljoin(str(answer.url), to)
            self.visited.append(url)
            if url.startswith(until):
                return self
            self.answer = answer = self.client.get(url)
        raise AssertionError(f"led around in circles: {self.visited[-4:]}")

    @property
    def text(self) -> str:
        return " ".join(html.fromstring(self.answer.text).text_content().split()) if self.answer.text else ""

    @property
    def sent_to(self) -> str:
        return self.visited[-1]


def changed(url: str, **values: str | None) -> str:
    """Give an address with some of its query changed or taken out."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | values
    return urlunsplit(
        parts._replace(query=urlencode({key: value for key, value in query.items() if value is not None}))
    )


def unsigned(token: str) -> str:
    """Give the same token as anybody could write it: alg=none and no signature."""
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


class IndependentProvider:
    """The npm package oidc-provider, behind a proxy that can change what it says."""

    secret = "a secret of the tests, long enough"

    def __init__(self, folder: Path, back: str, notice: str) -> None:
        self.folder, self.back, self.notice = folder, back, notice
        self.port, self.change = free_port(), _unchanged
        self.proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.proxy.server_port}"
        self.thread = threading.Thread(target=self.proxy.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.process: subprocess.Popen[bytes] | None = None
        self.keys = 0
        self.start()

    change: Change

    def start(self) -> None:
        """Start it with keys it never had before."""
        self.keys += 1
        key = RSAKey.generate_key(2048, {"kid": f"key-{self.keys}", "use": "sig", "alg": "RS256"})
        file = self.folder / "keys.json"
        file.write_text(json.dumps(KeySet([key]).as_dict(private=True)))
        command = ["node", "provider.mjs", self.issuer, str(self.port), self.back, self.notice, self.secret, str(file)]
        with (self.folder / "said.log").open("ab") as said:
            self.process = subprocess.Popen(
                command, cwd=HERE, stdout=subprocess.PIPE, stderr=said, start_new_session=True
            )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"listening\n", (self.folder / "said.log").read_text()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process.stdout.close()  # type: ignore[union-attr]

    def close(self) -> None:
        self.stop()
        self.proxy.shutdown()
        self.thread.join()
        self.proxy.server_close()


def _unchanged(path: str, body: bytes) -> bytes:
    return body


def _handler(provider: IndependentProvider) -> type[BaseHTTPRequestHandler]:
    class Forward(BaseHTTPRequestHandler):
        def _forward(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {
                key: value for key, value in self.headers.items() if key.lower() not in ("host", "accept-encoding")
            }
            headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
            url = f"http://127.0.0.1:{provider.port}{self.path}"
            try:
                with httpx2.Client(trust_env=False, timeout=PATIENCE) as client:
                    answer = client.request(self.command, url, headers=headers, content=self.rfile.read(length))
            except httpx2.HTTPError:
                self.send_error(503)
                return
            body = provider.change(urlsplit(self.path).path, answer.content)
            self.send_response(answer.status_code)
            for key, value in answer.headers.multi_items():
                if key.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _forward  # noqa: N815 - names of the standard library

        def log_message(self, *arguments: Any) -> None:
            pass

    return Forward


def refuse_without_provider() -> None:
    """Skip, and say so, where the independent provider is not installed."""
    if not shutil.which("node") or not (HERE / "node_modules" / "oidc-provider").exists():
        pytest.skip("could not try: signing on with an independent OpenID provider, node or npm is not installed")


class RelyingParty:
    """A department's own web screen: Debian's Apache with mod_auth_openidc."""

    MODULE = Path("/usr/lib/apache2/modules/mod_auth_openidc.so")

    def __init__(self, port: int, issuer: str, client_id: str, secret: str, pkce: str = "S256") -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.folder = folder = Path(tempfile.mkdtemp(prefix="relying-"))
        here = Path(__file__).parent / "identity"
        page = folder / "page.py"
        page.write_text(here.joinpath("relying_page.py").read_text())
        page.chmod(0o755)
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        values = {
            "folder": str(folder), "port": str(port), "issuer": issuer, "client_id": client_id, "secret": secret,
            "pkce": pkce, "user": user,
        }  # fmt: skip
        text = here.joinpath("relying.conf").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        if pkce == "none":
            text = text.replace("OIDCPKCEMethod none\n", "")
        folder.joinpath("apache.conf").write_text(text)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.chmod(0o777)  # started as root, it works as www-data
        command = ["apache2", "-X", "-d", str(self.folder), "-f", str(self.folder / "apache.conf")]
        with (self.folder / "said.log").open("ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        eventually(self._answers, f"Apache answers; {self.log()}", PATIENCE)

    def log(self) -> str:
        paths = (self.folder / name for name in ("said.log", "error.log"))
        return "\n".join(path.read_text()[-3000:] for path in paths if path.exists())

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.origin}/", trust_env=False, timeout=PATIENCE).status_code > 0
        except httpx2.HTTPError:
            return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder)


def refuse_without_relying_party() -> None:
    """Skip, and say so, where Apache with its module is not installed."""
    if not shutil.which("apache2") or not RelyingParty.MODULE.exists():
        pytest.skip(
            "could not try: signing on to an independent relying party, Apache with mod_auth_openidc is missing"
        )
