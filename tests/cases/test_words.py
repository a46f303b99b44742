"""Every word of these pages is there in both languages, and no template holds Chinese or code of its own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract

from workbench.web.language import catalogue

ROOT = Path(__file__).parents[2] / "workbench"
TEMPLATES = [
    *sorted((ROOT / "cases" / "templates").rglob("*.html")),
    *sorted((ROOT / "delivery" / "templates").rglob("*.html")),
    ROOT / "reception" / "templates" / "reception" / "correction.html",
]
MODULES = [ROOT / "cases" / "screen.py", *sorted(ROOT.glob("cases/*views.py")), ROOT / "delivery" / "views.py"]


def asked(path: Path) -> Iterator[str]:
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract(method, file, keywords={"_": None, "ngettext": (1, 2)}):
            yield message if isinstance(message, str) else message[0]


@pytest.mark.parametrize("path", [*TEMPLATES, *MODULES], ids=lambda path: path.name)
def test_every_word_is_translated(path: Path) -> None:
    chinese = catalogue("zh_CN")
    known = [word for word in asked(path) if {chinese.gettext(word), chinese.ngettext(word, word, 1)} != {word}]
    missing = set(asked(path)) - set(known)
    assert missing == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_holds_no_chinese_and_no_inline_code(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"[\u3400-\u9fff]", text) == []
    assert re.findall(r"\sstyle=|\son[a-z]+=|hx-on|<style|<script", text) == []
