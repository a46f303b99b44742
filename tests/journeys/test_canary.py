"""An invented resident typed into every form of a sitting: nothing of them stays in the browser, no address says it."""

from typing import Any

from canaries import ACCOUNT, ADDRESS, ID_NO, NAME, PHONE, WORDS, found_in
from playwright.sync_api import Page, Request, expect
from product import Product
from visitor import Visitor

TYPED = {"text": WORDS, "textarea": WORDS, "search": WORDS, "tel": PHONE}
BY_NAME = (("id_no", ID_NO), ("account", ACCOUNT), ("phone", PHONE), ("address", ADDRESS), ("payee", NAME))
#: Everything a page can leave in a browser.
KEPT = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
  databases: indexedDB.databases ? await indexedDB.databases() : [],
  caches: self.caches ? await Promise.all((await caches.keys()).map(async (name) =>
    [name, (await (await caches.open(name)).keys()).map((one) => one.url)])) : [],
  workers: navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).map((one) => one.scope) : [],
  state: history.state, name: window.name, address: location.href, title: document.title,
})"""


class Watch:
    """Takes down every address a browser asks for and shows, and what it sends as where it came from."""

    def __init__(self, page: Page) -> None:
        self.page, self.leaks, self.looked = page, set[str](), 0
        page.on("request", self._asked)
        page.on("framenavigated", lambda frame: self._note("address", frame.url))

    def _asked(self, request: Request) -> None:
        self._note("asked", request.url)
        self._note("referer", request.headers.get("referer", ""))

    def _note(self, place: str, text: str) -> None:
        if found := found_in(text):
            self.leaks.add(f"{place}: {found} in {text[:300]}")

    def look(self) -> None:
        """Look at what the browser keeps now."""
        self.looked += 1
        self._note(f"kept at {self.page.url}", self.page.evaluate(KEPT))


def fill(worker: Visitor, asked: list[dict[str, Any]]) -> None:
    for one in asked:
        if one["kind"] in TYPED:
            value = next((value for part, value in BY_NAME if part in one["name"]), TYPED[one["kind"]])
            if one["mode"] not in ("numeric", "decimal") or value != WORDS:
                worker.page.locator(f"#intake [name='{one['name']}']").fill(value)


def test_nothing_typed_stays_in_the_browser_or_in_an_address(worker: Visitor, product: Product) -> None:
    page, watch = worker.page, Watch(worker.page)
    worker.go("people/new")
    page.fill("[name=name]", NAME)
    page.fill("[name=id_no]", ID_NO)
    page.fill("[name=phone]", PHONE)
    watch.look()
    worker.press(page.locator("main form button[data-primary]"))
    expect(page.locator("h1")).to_have_text(NAME)
    watch.look()
    for typed in (NAME, ID_NO, PHONE):
        worker.go("")
        worker.find_resident(typed, NAME)
        watch.look()
    worker.start_item("MZ-001", "MZ-001")
    worker.fill_form()
    fill(worker, worker.still_asked())
    worker.press(page.locator("button[name=_check][data-primary]"))
    watch.look()
    page.keyboard.press("Alt+l")
    page.wait_for_url("**/unlock*")
    watch.look()
    said = product.log
    assert watch.looked == 7
    assert sorted(watch.leaks) == []
    assert [line for line in said.splitlines() if found_in(line)] == []
