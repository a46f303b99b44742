"""Every text a page can show has its Chinese, in whatever room it stands."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import workbench
from workbench.web.language import catalogue

ROOT = Path(workbench.__file__).parent
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def found_texts() -> Iterator[tuple[str, str]]:
    """Give every marked text with its file."""
    for file, _line, message, _comments, _context in extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS):
        yield message[0] if isinstance(message, tuple) else message, file


def test_every_text_has_its_chinese() -> None:
    chinese = catalogue("zh_CN")._catalog
    known = {key[0] if isinstance(key, tuple) else key for key in chinese}
    missing = {f"{file}: {text}" for text, file in found_texts() if text and text not in known}
    assert sorted(missing) == []


def test_texts_are_found_in_templates_and_in_code() -> None:
    files = {Path(file).suffix for _text, file in found_texts()}
    assert files == {".html", ".py"}


def test_a_text_has_one_chinese_in_all_rooms() -> None:
    said: dict[str, set[str]] = {}
    for path in sorted((ROOT / "translations" / "zh_CN").glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="zh_CN"):
            text, chinese = (one if isinstance(one, str) else one[0] for one in (message.id, message.string))
            said.setdefault(text, set()).add(chinese)
    assert {text: found for text, found in said.items() if text and len(found) > 1} == {}
