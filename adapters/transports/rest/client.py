"""One kept-alive HTTP client per adapter: timeouts, a size cap, no redirects to other hosts."""

import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from workbench.api import BrokenPromise, NeedsSettings

from .calls import Call, Reply
from .failures import Lost, failure_of

MAX_BYTES = 2 * 1024 * 1024
MAX_HOPS = 3


class HttpClient:
    """Sends calls to one base address.

    Settings read: `base_url`; optional `relay_url` (a relay between network zones)
    and `ca_file` (the certificate authority of a private network).
    """

    def __init__(self, settings: Mapping[str, Any], timeout: float) -> None:
        self.timeout = timeout
        self._base = _base_of(str(settings["base_url"]))
        # The environment must not decide where residents' data travels: trust_env is off.
        self._client = httpx2.Client(
            trust_env=False,
            verify=_trust(str(settings.get("ca_file") or "")),
            proxy=str(settings.get("relay_url") or "") or None,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 5.0)),
            limits=httpx2.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=30),
        )

    def send(self, call: Call, *, lost: Lost, timeout: float | None = None) -> Reply:
        """Send one call and read the whole answer; raises the error by recovery of the connection."""
        url = self._base.join(call.path.lstrip("/"))
        ends_at = time.monotonic() + (timeout or self.timeout)
        for _ in range(MAX_HOPS):
            try:
                reply = self._exchange(call, url, ends_at)
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
                raise failure_of(error, lost) from error
            except TimeoutError as error:
                raise lost("the answer took too long") from error
            if reply.status not in (301, 302, 303, 307, 308):
                return reply
            url = self._follow(call, url, reply)
        raise BrokenPromise("redirects in a circle")

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _exchange(self, call: Call, url: httpx2.URL, ends_at: float) -> Reply:
        headers = dict(call.headers)
        if call.content_type:
            headers["Content-Type"] = call.content_type
        left = max(ends_at - time.monotonic(), 0.01)
        request = self._client.build_request(
            call.method,
            url,
            params=dict(call.query) or None,
            headers=headers,
            content=call.body or None,
            timeout=httpx2.Timeout(left, connect=min(left, 5.0)),
        )
        response = self._client.send(request, stream=True)
        try:
            return Reply(response.status_code, _lower(response.headers), _read(response, ends_at))
        finally:
            response.close()

    def _follow(self, call: Call, url: httpx2.URL, reply: Reply) -> httpx2.URL:
        target = url.join(reply.headers.get("location", ""))
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            raise BrokenPromise("redirects to another host, which is refused")
        if call.method != "GET" and reply.status not in (307, 308):
            raise BrokenPromise("redirects a message to a page: perhaps a sign-in page")
        return target


def _read(response: httpx2.Response, ends_at: float) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_BYTES:
            raise BrokenPromise("answered more than 2 MiB")
        if time.monotonic() > ends_at:
            raise TimeoutError
    return bytes(body)


def _lower(headers: httpx2.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _base_of(text: str) -> httpx2.URL:
    try:
        base = httpx2.URL(text.rstrip("/") + "/")
    except httpx2.InvalidURL as error:
        raise NeedsSettings("the address of the platform is not usable") from error
    if base.scheme not in ("http", "https") or not base.host:
        raise NeedsSettings("the address of the platform is not usable")
    return base


def _trust(ca_file: str) -> ssl.SSLContext | bool:
    if not ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise NeedsSettings("the file of the certificate authority cannot be read") from error
