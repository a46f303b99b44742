"""The browser of the web-form transport against answers that no honest site gives."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from waiting import PATIENCE

from adapters.transports.web_form.browser import MAX_BYTES, Browser
from workbench.api import BrokenPromise, NeedsCredentials, NeedsSettings, OutcomeUnknown, TryLater
from workbench.api.manifest import PlatformManifest

PLATFORM = PlatformManifest.model_validate(
    {
        "id": "test.pages",
        "line": "test",
        "name_zh": "测试",
        "name_en": "Test",
        "department": "测试",
        "way": "web_form",
        "api": "1.0",
        "owner": {"name": "测试"},
        "confidence": "typical",
        "capabilities": ["push", "find"],
        "repeat": "find",
        "charset": "gbk",
        "limits": {"timeout_seconds": PATIENCE},
    }
)
FORM = '<html><title>表单</title><form method="post" action="send"><input name="a" value="镕𬭎"></form></html>'.encode(
    "gb18030"
)


class Site:
    """One answer for every request; remembers what came."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, {"Content-Type": "text/html"}, FORM
        self.came: list[bytes] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.came.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                self.send_response(site.status)
                for name, value in (site.headers | {"Content-Length": str(len(site.body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(site.body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def open_browser() -> Iterator[Callable[..., Browser]]:
    opened: list[Browser] = []

    def open_one(base_url: str, repeat: str = "find") -> Browser:
        opened.append(Browser(base_url, PLATFORM.model_copy(update={"repeat": repeat})))
        return opened[-1]

    yield open_one
    for browser in opened:
        browser.close()


def test_form_is_sent_as_a_browser_would_send_it(site, open_browser):
    browser = open_browser(site.address)
    browser.send(browser.open("form", {}))
    assert site.came[-1] == b"a=%E9F%26%23183118%3B"


def test_redirect_to_another_host_is_refused(site, open_browser):
    site.status, site.headers = 302, {"Location": "http://127.0.0.2:1/login"}
    with pytest.raises(BrokenPromise, match="another host"):
        open_browser(site.address).open("form", {})


def test_form_that_leads_to_another_host_is_refused(site, open_browser):
    site.body = FORM.replace(b'"send"', b'"http://127.0.0.2:1/send"')
    browser = open_browser(site.address)
    page = browser.open("form", {})
    with pytest.raises(BrokenPromise, match="another host"):
        browser.send(page)


def test_redirect_to_nonsense_is_a_broken_promise(site, open_browser):
    site.status, site.headers = 302, {"Location": "http://[broken"}
    with pytest.raises(BrokenPromise):
        open_browser(site.address).open("form", {})


def test_redirects_without_end_are_a_broken_promise(site, open_browser):
    site.status, site.headers = 302, {"Location": "/form"}
    with pytest.raises(BrokenPromise, match="without end"):
        open_browser(site.address).open("form", {})


def test_page_beyond_the_size_cap_is_a_broken_promise(site, open_browser):
    site.body = b"x" * (MAX_BYTES + 1)
    with pytest.raises(BrokenPromise, match="2 MiB"):
        open_browser(site.address).open("form", {})


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (200, "application/json", BrokenPromise),
        (404, "text/html", BrokenPromise),
        (307, "text/html", BrokenPromise),
        (401, "text/html", NeedsCredentials),
        (403, "text/html", NeedsCredentials),
        (429, "text/html", TryLater),
        (500, "text/html", TryLater),
        (503, "text/html", TryLater),
    ],
)
def test_answer_that_is_no_page_says_how_to_recover(site, open_browser, status, kind, error):
    site.status, site.headers = status, {"Content-Type": kind}
    with pytest.raises(error):
        open_browser(site.address).open("form", {})


def test_failure_after_the_confirmation_is_unknown_only_where_nobody_can_ask(site, open_browser):
    for repeat, error in (("find", TryLater), ("person-decides", OutcomeUnknown)):
        site.status = 200
        browser = open_browser(site.address, repeat)
        page = browser.open("form", {})
        site.status = 500
        with pytest.raises(error):
            browser.send(page, final=True)


@pytest.mark.parametrize("address", ["no address", "ftp://127.0.0.1/", "http://[broken"])
def test_base_address_that_is_none_needs_settings(open_browser, address):
    with pytest.raises(NeedsSettings):
        open_browser(address).open("form", {})
