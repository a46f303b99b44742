"""The look keeps its promises: both languages, no inline code, icons that exist, the htmx we vouch for."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from workbench.web.filters import choices

ROOT = Path(__file__).parents[2] / "workbench"
TEMPLATES = ROOT / "web" / "templates"
STATIC = ROOT / "web" / "static"
PAGES = sorted(TEMPLATES.rglob("*.html"))


def words() -> dict[str, str]:
    with (ROOT / "translations" / "zh_CN" / "ui.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def asked(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract("jinja2.ext:babel_extract", file):
            yield message if isinstance(message, str) else message[0]


def drawn(name: str, locale: str, **context: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    chinese = words() if locale == "zh-CN" else {}
    environment.filters["choices"] = choices
    environment.globals.update(_=lambda text: chinese.get(text, text), static_url=lambda path: f"/static/{path}")
    return environment.get_template(name).render(locale=locale, **context)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_template_words_are_all_translated(path: Path) -> None:
    known = words()
    assert [word for word in asked(path) if not known.get(word)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_template_holds_no_chinese_and_no_inline_code(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"[\u3400-\u9fff]", text) == []
    assert re.findall(r"\sstyle=|\son[a-z]+=|hx-on|<style|<script(?! src)", text) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_style_page_needs_nothing_from_the_page(locale: str) -> None:
    page = drawn("style.html", locale)
    assert f'<html lang="{locale}">' in page
    assert page.count("<h1") == 1
    identifiers = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(identifiers) == sorted(set(identifiers))


def test_error_page_says_what_happened_and_what_next() -> None:
    page = drawn("error.html", "en", title="No such page", happened="It moved.", next_step="Search for it.", code="")
    assert [text in page for text in ("No such page", "It moved.", "Search for it.")] == [True] * 3
    assert "Code for the help desk" not in page


def test_markup_in_a_value_is_shown_not_run() -> None:
    page = drawn("error.html", "en", title="<b>", happened="<script>x</script>", next_step="", code="")
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_icons_asked_for_are_in_the_sprite() -> None:
    held = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    used = set(re.findall(r"icons\.svg#([\w-]+)", drawn("style.html", "en")))
    assert used - held == set()


def test_vendored_htmx_is_the_one_in_the_list() -> None:
    digest = hashlib.sha256((STATIC / "vendor" / "htmx-2.0.11.min.js").read_bytes()).hexdigest()
    assert digest in (STATIC / "vendor" / "README.md").read_text()
