"""Texts in Chinese and English: gettext catalogues compiled in memory, one file per room and language.

Messages are written in English in code and templates; workbench/translations/zh_CN/*.po holds the
Chinese. Lines bring their own folder, looked up first for their own templates.
"""

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import g, has_request_context, request

from .here import held

FOLDER = Path(__file__).parents[1] / "translations"
LOCALES = ("zh_CN", "en")
DEFAULT = "zh_CN"
KEPT = "current_locale"


@cache
def catalogue(locale: str, folder: Path = FOLDER) -> Translations:
    """Compile all .po files of a language into one catalogue."""
    whole = Translations()
    for path in sorted((folder / locale).glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=locale))
        compiled.seek(0)
        part = Translations(compiled)
        whole.merge(part)
        whole.plural = part.plural
    return whole


def current_locale() -> str:
    """Give the language of this request: the cookie's, else the worker's own, else Chinese."""
    try:
        known: str | None = held().__dict__.get(KEPT)  # asked for every word of a page
    except RuntimeError:
        return DEFAULT
    return known or _choose()


def know_worker_locale(locale: str) -> None:
    """Take note, in the middle of a request, of the language its worker has chosen."""
    here = held()
    here.worker_locale = locale
    here.__dict__.pop(KEPT, None)


def _choose() -> str:
    if not has_request_context():
        return DEFAULT
    wanted = (request.cookies.get("locale", ""), g.get("worker_locale", DEFAULT))
    found = next((locale for locale in wanted if locale in LOCALES), DEFAULT)
    setattr(g, KEPT, found)
    return found


def _(message: str, **values: object) -> str:
    """Translate a message and fill in its {named} values."""
    text = translated(current_locale(), message)
    return text.format(**values) if values else text


@lru_cache(maxsize=8192)
def translated(locale: str, message: str) -> str:
    """Give a message in a language."""
    return str(catalogue(locale).gettext(message))


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Translate a message that counts."""
    text = str(catalogue(current_locale()).ngettext(one, many, count))
    return text.format(count=count, **values)


def bilingual(zh: str, en: str) -> str:
    """Choose between two texts that come from files or data."""
    return (en or zh) if current_locale() == "en" else zh
