"""Every screen, in both languages, on a desk and on a phone: nothing axe finds, no sideways scroll, no complaint.

With WORKBENCH_WRITE_SCREENSHOTS=1 the pictures of workbench/docs/screens are written anew.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from product import PATIENCE, ROOT, Product
from screens_to_see import Cases, Screen, make_cases, screens
from visitor import Visitor

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PICTURES = ROOT / "workbench" / "docs" / "screens"
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
LANGUAGES = {"zh_CN": "zh-CN", "en": "en-US"}
#: Pictures that are also taken in English and on a phone.
IMPORTANT = ("home", "resident", "picker", "form", "check", "receipt", "case-concluded", "platform-board")
#: Screens whose answer is an error on purpose; the browser names the status.
ERRORS = ("error-404", "error-403", "form-errors", "new-resident-errors")


@pytest.fixture(scope="module")
def cases(chromium: Browser, product: Product) -> Cases:
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    made = make_cases(Visitor.at(context, product, "worker1"), product)
    context.close()
    return made


def look(page: Page) -> list[str]:
    """Give what is wrong with the page as it stands."""
    wrong = []
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.locator('h1').count()} main headings")
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    for violation in found["violations"]:
        nodes = [node["html"][:160] for node in violation["nodes"][:3]]
        wrong.append(f"axe {violation['impact']} {violation['id']}: {nodes}")
    return wrong


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))


def picture(page: Page, name: str) -> None:
    if os.environ.get("WORKBENCH_WRITE_SCREENSHOTS") == "1":
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def see(visitor: Visitor, screen: Screen, suffix: str) -> list[str]:
    """Look at one screen on a desk and on a phone."""
    page = visitor.page
    page.set_viewport_size(DESK)
    visitor.complaints.clear()
    screen.go(visitor)
    page.wait_for_load_state("networkidle")  # once: another size of the window asks for nothing
    wrong = look(page)
    if scrolls_sideways(page):
        wrong.append("scrolls sideways on a desk")
    if not suffix or screen.name in IMPORTANT:
        picture(page, screen.name + suffix)
    page.set_viewport_size(PHONE)
    if scrolls_sideways(page):
        wrong.append("scrolls sideways on a phone")
    wrong += [one for one in look(page) if one not in wrong]
    if not suffix and screen.name in IMPORTANT:
        picture(page, f"{screen.name}-phone")
    if screen.name not in ERRORS:
        wrong += visitor.complaints
    return [f"{screen.name}{suffix}: {one}" for one in wrong]


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_screen_is_readable_by_everybody(
    chromium: Browser, product: Product, cases: Cases, language: str
) -> None:
    wrong: list[str] = []
    visitors: dict[str, Visitor] = {}
    for screen in screens(cases):
        if screen.who not in visitors:
            context = chromium.new_context(viewport=DESK, locale=LANGUAGES[language])
            context.set_default_timeout(PATIENCE)
            context.add_init_script(path=AXE)
            context.add_cookies([{"name": "locale", "value": language, "url": product.url}])
            visitors[screen.who] = (
                Visitor.at(context, product, screen.who) if screen.who else Visitor(context.new_page(), product)
            )
        wrong += see(visitors[screen.who], screen, "" if language == "zh_CN" else "-en")
    for visitor in visitors.values():
        visitor.page.context.close()
    assert not wrong, "\n".join(wrong)
