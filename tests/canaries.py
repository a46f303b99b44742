"""Personal data that is found again wherever it turns up: an invented resident, and how a place is searched."""

import base64
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from urllib.parse import quote, quote_plus

from sitting import id_number

from workbench.web import logs

NAME, ADDRESS, WORDS = "金丝雀羽", "金丝雀街七百七十七号", "金丝雀的话"
ID_NO = id_number("99010119770707701")
PHONE, ACCOUNT = "19977700777", "6222777700007777007"
CANARIES = (NAME, ADDRESS, WORDS, ID_NO, PHONE, ACCOUNT)
#: What is the same in all of them: nobody else is called so.
MARKS = ("金丝雀", ID_NO[:17], PHONE, ACCOUNT)


def _written(text: str) -> set[bytes]:
    """Give every way in which a text may stand somewhere."""
    ways = {text, quote(text), quote_plus(text, encoding="gb18030"), json.dumps(text)[1:-1]}
    ways |= {"".join(f"&#{ord(one)};" for one in text), text.encode().hex(), repr(text.encode())[2:-1]}
    found = {way.encode() for way in ways} | {text.encode("gb18030"), text.encode("utf-16-le")}
    return found | {way.lower() for way in found}


WRITTEN = frozenset(way for mark in MARKS for way in _written(mark))


def found_in(content: str | bytes) -> list[str]:
    """Name the canaries a text holds, in whatever way they are written."""
    whole = content.encode("utf-8", "replace") if isinstance(content, str) else content
    texts = [whole, *_decoded(whole)] if len(whole) < 5000 else [whole]
    return sorted({way.decode("utf-8", "replace") for way in WRITTEN for text in texts if way in text})


def _decoded(text: bytes) -> Iterator[bytes]:
    """Read what looks like base64, as cookies and tokens are."""
    for part in text.replace(b";", b".").replace(b"=", b".").replace(b" ", b".").split(b"."):
        with suppress(ValueError):
            yield base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


@contextmanager
def listening() -> Iterator[StringIO]:
    """Collect everything that is logged, as a process of the product writes it."""
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield said
    finally:
        root.removeHandler(handler)
