"""Sends calls over HTTP: timeouts, a size cap, no redirects to other hosts.

It stands on the standard library's client: a message costs that a fifth of what fuller ones take, and
what those add (cookies, pools, ways chosen by the environment) must not happen here.
"""

import time
import zlib
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from workbench.api import BrokenPromise, NeedsSettings

from .calls import Call, Reply
from .connection import Connection, read_address
from .failures import Lost

MAX_BYTES = 2 * 1024 * 1024
MAX_HOPS = 3
PIECE = 1 << 16
#: Characters of an address that stay as they are.
PLAIN = "%/:=&?~#+!$,;'@()*[]"


class HttpClient:
    """Sends calls to one base address; for one thread at a time.

    Settings read: `base_url`; optional `relay_url` (a relay between network zones)
    and `ca_file` (the certificate authority of a private network).
    """

    def __init__(self, settings: Mapping[str, Any], timeout: float) -> None:
        self.timeout = timeout
        self._base = read_address(str(settings["base_url"]))
        relay, ca_file = str(settings.get("relay_url") or ""), str(settings.get("ca_file") or "")
        self._connection = Connection(self._base, relay, ca_file)

    def send(self, call: Call, *, lost: Lost, timeout: float | None = None) -> Reply:
        """Send one call and read the whole answer; raises the error by recovery of the connection."""
        path = self._base.path + call.path.lstrip("/")
        if call.query:
            path += ("&" if "?" in path else "?") + urlencode(dict(call.query))
        ends_at = time.monotonic() + (timeout or self.timeout)
        for _ in range(MAX_HOPS):
            reply = self._exchange(call, path, ends_at, lost)
            if reply.status not in (301, 302, 303, 307, 308):
                return reply
            path = self._follow(call, path, reply)
        raise BrokenPromise("redirects in a circle")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _exchange(self, call: Call, path: str, ends_at: float, lost: Lost) -> Reply:
        target, headers = self._connection.target(quote(path, safe=PLAIN))
        headers |= call.headers
        if call.content_type:
            headers["Content-Type"] = call.content_type
        connection = self._connection.get(max(ends_at - time.monotonic(), 0.01))
        try:
            connection.request(call.method, target, call.body or None, headers)
            response = connection.getresponse()
            return Reply(response.status, _lower(response), _read(response, ends_at))
        except BrokenPromise:
            self.close()
            raise
        except (OSError, HTTPException) as error:
            self.close()
            raise lost(f"the answer was lost: {type(error).__name__}") from error
        except ValueError as error:  # the standard library sends no line breaks in an address or a header
            self.close()
            raise NeedsSettings("the address of the platform is not usable") from error

    def _follow(self, call: Call, path: str, reply: Reply) -> str:
        here = f"{self._base.scheme}://{self._base.netloc}{path}"
        target = urlsplit(urljoin(here, reply.headers.get("location", "")))
        if (target.scheme, target.netloc) != (self._base.scheme, self._base.netloc):
            raise BrokenPromise("redirects to another host, which is refused")
        if call.method != "GET" and reply.status not in (307, 308):
            raise BrokenPromise("redirects a message to a page: perhaps a sign-in page")
        return target._replace(scheme="", netloc="", fragment="").geturl()


def _read(response: HTTPResponse, ends_at: float) -> bytes:
    """Read a whole answer of bounded size within its time, unpacked when it came packed."""
    packed = response.headers.get("content-encoding", "identity").lower() in ("gzip", "x-gzip", "deflate")
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32) if packed else None
    body = bytearray()
    while piece := response.read1(PIECE):
        body += unpack.decompress(piece, MAX_BYTES + 1) if unpack else piece
        if len(body) > MAX_BYTES:
            raise BrokenPromise("answered more than 2 MiB")
        if time.monotonic() > ends_at:
            raise TimeoutError
    if response.length:
        raise ConnectionError
    response.close()  # the connection stays
    return bytes(body)


def _lower(response: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
