"""One product and one browser for all journeys of a test process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright
from product import PATIENCE, START_LIMIT, Product, running_product
from visitor import Visitor

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey drives the browser; all share the product of one process, which stands on its embedded database."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.only_sqlite)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("could not try: Chromium is not installed")
    with sync_playwright() as playwright:
        yield launch(playwright)


def launch(playwright: Playwright) -> Browser:
    expect.set_options(timeout=PATIENCE)
    return playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES, timeout=START_LIMIT)


@pytest.fixture(scope="session")
def product(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[NewContext]:
    """Open a browser window of its own, with cookies of its own."""
    opened: list[BrowserContext] = []

    def open_one(**options: object) -> BrowserContext:
        settings = {"locale": "zh-CN", "viewport": {"width": 1366, "height": 768}, "accept_downloads": True}
        context = chromium.new_context(**(settings | options))  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def worker(new_context: NewContext, product: Product) -> Iterator[Visitor]:
    """worker1 at the table; the browser has nothing to complain about at the end."""
    visitor = Visitor.at(new_context(), product, "worker1")
    yield visitor
    assert visitor.complaints == []
