"""One sign-on at one site: opens pages, guards each of them, and signs on again once when it was lost."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from workbench.api.errors import NeedsCredentials

from .browser import Browser
from .layout import Layout, PageName
from .page import Page, fill, guard

T = TypeVar("T")


class SessionLost(Exception):
    """The site showed its sign-in page instead of the one asked for; what was sent was not taken."""


class Session:
    """Pages behind the sign-on. Every page it gives has been guarded."""

    def __init__(self, browser: Browser, layout: Layout, username: str, password: str) -> None:
        self.browser = browser
        self.layout = layout
        self.username = username
        self.password = password
        self.is_on = False

    def use(self, username: str, password: str) -> None:
        """Go on with an account; another one than before signs on anew."""
        if (username, password) != (self.username, self.password):
            self.username, self.password, self.is_on = username, password, False

    def signed_on(self, action: Callable[[], T]) -> T:
        """Do something behind the sign-on; a session lost on the way is renewed once, then it needs people."""
        if not self.is_on:
            self.sign_on()
        try:
            return action()
        except SessionLost:
            self.sign_on()
        try:
            return action()
        except SessionLost:
            self.is_on = False
            raise NeedsCredentials("signed on anew and was sent back to the sign-in page") from None

    def sign_on(self) -> None:
        """Sign on with the account in use."""
        self.is_on = False
        self.browser.forget()
        page = self.browser.open(self.layout.pages["sign_in"].path, {})
        guard(page, self.layout.pages["sign_in"], self.layout.version)
        fill(page, {self.layout.user_field: self.username, self.layout.password_field: self.password}, {})
        answer = self.browser.send(page)
        try:
            self._expect(answer, "menu")
        except SessionLost:
            code, text = answer.notice
            raise (self.layout.error_of(code, text) if code else NeedsCredentials("the sign-on failed")) from None
        self.is_on = True

    def open(self, name: PageName, query: Mapping[str, str] | None = None) -> Page:
        """Open a page by its name in the layout."""
        return self._expect(self.browser.open(self.layout.pages[name].path, query or {}), name)

    def send(self, page: Page, name: PageName, *, final: bool = False) -> Page:
        """Send the form of a page and give the page that must follow."""
        return self._expect(self.browser.send(page, final=final), name)

    def _expect(self, page: Page, name: PageName) -> Page:
        if page.title == self.layout.pages["sign_in"].title:
            raise SessionLost
        code, text = page.notice
        if (code or text) and self.layout.is_error(code):
            raise self.layout.error_of(code, text)
        guard(page, self.layout.pages[name], self.layout.version)
        return page
