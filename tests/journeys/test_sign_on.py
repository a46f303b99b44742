"""Signing on in a browser: a passkey of a virtual security key, from registration to the next sign-in."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from product import Product
from visitor import Visitor


def plug_in_key(page: Page) -> tuple[Any, str]:
    """Give the browser a security key that checks its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_a_passkey_is_registered_and_signs_on(new_context: Callable[..., BrowserContext], product: Product) -> None:
    context = new_context()
    page = context.new_page()
    home = f"http://localhost:{product.port}"  # passkeys are for names, not for numbers
    visitor = Visitor(page, product)
    page.goto(f"{home}/sign-in")
    page.fill("[name=username]", "worker2")
    page.fill("[name=password]", "round-table-journeys-1")
    visitor.press(page.locator("main button[type=submit]").first)
    page.wait_for_url("**/h/wutong/")

    devtools, key = plug_in_key(page)
    page.goto(f"{home}/account")
    page.fill("[name=name]", "钥匙串上的安全密钥")
    visitor.press(page.get_by_role("button", name="登记通行密钥"))
    expect(page.locator("#flashes, .flash").first).to_be_attached()
    expect(page.get_by_text("通行密钥已登记")).to_be_visible()
    expect(page.get_by_role("cell", name="钥匙串上的安全密钥")).to_be_visible()

    page.locator("details.menu summary").click()
    visitor.press(page.locator("form[action^='/sign-out'] button").first)
    page.wait_for_url("**/sign-in")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/h/wutong/")
    assert devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"][0]["signCount"] >= 2

    # Somebody who is not the owner of the key: the page says so and offers the other ways.
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.locator("details.menu summary").click()
    visitor.press(page.locator("form[action^='/sign-out'] button").first)
    page.wait_for_url("**/sign-in")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("没有收到通行密钥")).to_be_visible()
    assert visitor.complaints == []
