"""A browser as small as it can be: one kept-alive connection, its cookies, the form token of the last page."""

import asyncio
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlencode

TOKEN = re.compile(rb'"X-CSRFToken": "([^"]+)"')


class Broken(Exception):
    """The server gave an answer nobody can read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    seconds: float


class Browser:
    """Asks one server; not for two tasks at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cookies: dict[str, str] = {}
        self.token = ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._writer:
            self._writer.close()

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a page."""
        return await self._ask("GET", path, b"", headers or {})

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Send a form with the token of the last page."""
        body = urlencode({"csrf_token": self.token, **form}).encode()
        typed = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return await self._ask("POST", path, body, typed)

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", f"Content-Length: {len(body)}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request, began = "\r\n".join([*lines, "", ""]).encode() + body, time.perf_counter()
        if self._reader is not None:
            with suppress(asyncio.IncompleteReadError, ConnectionError):  # kept too long: the server let go of it
                return await self._send(request, began)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return await self._send(request, began)

    async def _send(self, request: bytes, began: float) -> Answer:
        if self._reader is None or self._writer is None:
            raise Broken("no connection")
        self._writer.write(request)
        return await self._read(self._reader, began)

    async def _read(self, reader: asyncio.StreamReader, began: float) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status, headers = int(head[0].split(" ")[1]), self._take_headers(head[1:-2])
        body = b""
        if length := int(headers.get("content-length", "0")):
            body = await reader.readexactly(length)
        elif headers.get("transfer-encoding"):
            raise Broken("an answer in chunks")
        if found := TOKEN.search(body):
            self.token = found[1].decode()
        return Answer(status, headers, body, time.perf_counter() - began)

    def _take_headers(self, lines: list[str]) -> dict[str, str]:
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _, text = value.partition(";")[0].partition("=")
                self.cookies[cookie] = text.strip('"')
            else:
                headers[name.lower()] = value
        return headers
