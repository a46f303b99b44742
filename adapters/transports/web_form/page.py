"""One page as it came: read it as a browser would, and guard it before anything is filled in."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree, html

from workbench.api.errors import BrokenPromise, Refused

from .layout import PageLayout

CODE = re.compile(r"^\[(\w+)\]\s*(.*)$", re.DOTALL)


class Page:
    """A page and the bytes it came in. Raises BrokenPromise for what is no page at all."""

    def __init__(self, raw: bytes, url: str = "") -> None:
        self.raw = raw
        self.url = url
        # GB18030 holds GB2312 and GBK; pages name the smaller one and send the larger.
        text = raw.decode("gb18030", errors="replace")
        parser = html.HTMLParser(no_network=True, huge_tree=False)
        try:
            self.tree: Any = html.document_fromstring(text, parser=parser)
        except (etree.LxmlError, ValueError, AssertionError) as error:
            raise BrokenPromise("the answer is not a web page") from error

    @property
    def title(self) -> str:
        return (self.tree.findtext(".//title") or "").strip()

    @property
    def notice(self) -> tuple[str, str]:
        """The message on the page as (code, text); both empty when it shows none."""
        text = self.text("lblMsg")
        match = CODE.match(text)
        return (match[1], match[2]) if match else ("", text)

    def text(self, ident: str) -> str:
        """Give the text of the element with this id, or "" when the page has none."""
        found = self.tree.xpath("//*[@id=$ident]", ident=ident)
        return " ".join(found[0].text_content().split()) if found else ""

    @property
    def form(self) -> Any:
        """The form of the page."""
        if not self.tree.forms:
            raise BrokenPromise(f"page {self.title!r} has no form")
        return self.tree.forms[0]

    def link(self, path: str, **query: str) -> bool:
        """Tell whether the page links to this path with this query."""
        wanted = {key: [value] for key, value in query.items()}
        addresses = [urlsplit(href) for href in self.tree.xpath("//a/@href")]
        return any(address.path == path and parse_qs(address.query) == wanted for address in addresses)

    def rows(self) -> list[dict[str, str]]:
        """Read the table `tblList` by its headings, so that a moved column stays what it was."""
        lines = [
            [" ".join(cell.text_content().split()) for cell in row] for row in self.tree.xpath("//*[@id='tblList']//tr")
        ]
        if not lines:
            return []
        head, *body = lines
        if any(len(line) != len(head) for line in body):
            raise BrokenPromise(f"page {self.title}: a row has more or fewer columns than headings")
        return [dict(zip(head, line, strict=True)) for line in body]

    def headings(self) -> set[str]:
        return {cell.text_content().strip() for cell in self.tree.xpath("//*[@id='tblList']//th")}


def guard(page: Page, known: PageLayout, version: str) -> None:
    """Raise BrokenPromise, naming page and field, unless the page is the one we know."""
    if page.title != known.title:
        raise BrokenPromise(f"expected the page {known.title}, came to another one")
    if page.text("ver") != version:
        raise BrokenPromise(f"page {known.title}: version {version} was expected, it says {page.text('ver')!r}")
    names = {name for name in page.form.fields if name} if known.fields else set()
    for word, odd in (("lacks the field", known.fields - names), ("has the new field", names - known.fields)):
        if odd:
            raise BrokenPromise(f"page {known.title} {word} {', '.join(sorted(odd))}")
    missing = set(known.columns) - page.headings()
    if missing:
        raise BrokenPromise(f"page {known.title} lacks the column {', '.join(sorted(missing))}")


def fill(page: Page, values: dict[str, str], keys: dict[str, str]) -> None:
    """Write values into the form of a page; `keys` names our field of each of theirs.

    Raises Refused for a text longer than the page takes, BrokenPromise for a choice that is gone.
    """
    for name, text in values.items():
        control = page.form.inputs[name]
        if control.tag == "select":
            if text not in control.value_options:
                raise BrokenPromise(f"page {page.title}: the field {name} no longer offers a choice it had")
        elif len(text) > int(control.get("maxlength", "100000")):
            limit = control.get("maxlength")
            raise Refused(f"their field takes {limit} characters", code="length", field=keys.get(name))
        control.value = text
