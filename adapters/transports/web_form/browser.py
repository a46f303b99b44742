"""The bytes of web pages: one connection, cookies, size cap, same host only, errors by recovery."""

from collections.abc import Mapping
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2

from workbench.api.errors import AdapterError, BrokenPromise, NeedsCredentials, NeedsSettings, OutcomeUnknown, TryLater
from workbench.api.manifest import PlatformManifest

from .page import Page

MAX_BYTES = 2 * 1024 * 1024
MAX_REDIRECTS = 5
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class Browser:
    """Fetches and sends pages of one site. Kept alive; never retries."""

    def __init__(self, base_url: str, platform: PlatformManifest) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.charset = platform.charset
        self.can_ask = platform.repeat != "person-decides"
        # No proxy from the environment: residents' data goes to the department and nowhere else.
        self.client = httpx2.Client(timeout=platform.limits.timeout_seconds, trust_env=False)

    def open(self, path: str, query: Mapping[str, str]) -> Page:
        """Fetch a page by its path below the base address."""
        text = urlencode(query, encoding=self.charset, errors="xmlcharrefreplace")
        return self._travel("GET", self._below(path + (f"?{text}" if text else "")), b"", final=False)

    def send(self, page: Page, *, final: bool = False) -> Page:
        """Send the form of a page as it is filled in.

        `final` marks the step that enters the matter: an answer lost there leaves it open.
        Characters outside the charset go as numeric references, as every browser sends them.
        """
        text = urlencode(page.form.form_values(), encoding=self.charset, errors="xmlcharrefreplace")
        return self._travel("POST", _follow(page.url, page.form.action or ""), text.encode("ascii"), final=final)

    def close(self) -> None:
        self.client.close()

    def forget(self) -> None:
        """Drop the cookies, before signing on anew."""
        self.client.cookies.clear()

    def _below(self, path: str) -> str:
        try:
            return urljoin(self.base_url, path)
        except ValueError as error:
            raise NeedsSettings("base_url is no web address") from error

    def _travel(self, method: str, url: str, body: bytes, *, final: bool) -> Page:
        for _ in range(MAX_REDIRECTS):
            self._stay(url)
            answer, raw = self._fetch(method, url, body, final=final)
            if answer.status_code not in (301, 302, 303):
                self._verify(answer, final=final)
                return Page(raw, url)
            method, url, body = "GET", _follow(url, answer.headers.get("Location", "")), b""
        raise BrokenPromise("the site redirects without end")

    def _stay(self, url: str) -> None:
        here, there = urlsplit(self.base_url), urlsplit(url)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise BrokenPromise("the site sends us to another host; this is refused")

    def _fetch(self, method: str, url: str, body: bytes, *, final: bool) -> tuple[httpx2.Response, bytes]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            with self.client.stream(method, url, content=body or None, headers=headers) as answer:
                return answer, self._read(answer)
        except NOT_SENT as error:
            raise TryLater(f"the site does not answer: {type(error).__name__}") from error
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise NeedsSettings("base_url is no web address") from error
        except httpx2.HTTPError as error:
            raise self._lost(type(error).__name__, final=final) from error

    @staticmethod
    def _read(answer: httpx2.Response) -> bytes:
        raw = bytearray()
        for chunk in answer.iter_bytes():
            raw += chunk
            if len(raw) > MAX_BYTES:
                raise BrokenPromise("the page is larger than 2 MiB")
        return bytes(raw)

    def _lost(self, why: str, *, final: bool) -> AdapterError:
        if final and not self.can_ask:
            return OutcomeUnknown(f"the confirmation was sent and its answer was lost: {why}")
        return TryLater(f"{'the answer to the confirmation' if final else 'the connection'} was lost: {why}")

    def _verify(self, answer: httpx2.Response, *, final: bool) -> None:
        status = answer.status_code
        if status in (401, 403):
            raise NeedsCredentials(f"the site answers HTTP {status}")
        if status >= 500 or status in (408, 429):
            raise self._lost(f"HTTP {status}", final=final)
        if status != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            raise BrokenPromise(f"the site answers HTTP {status} with something that is no page")


def _follow(url: str, address: str) -> str:
    try:
        return urljoin(url, address)
    except ValueError as error:
        raise BrokenPromise("the site leads to an address that is none") from error
