"""Promises and what breaks them: a promise is a function over what is tested that raises Broken."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Promise = Callable[[Any], None]

#: Texts people really type, and some only an attacker does.
HOSTILE: Mapping[str, str] = {
    "markup": '<script>alert("x")</script><b onclick=x>',
    "quotes": "O'Brien \"; DROP TABLE person; --",
    "template": "{{ 7 * 7 }}${7*7}%(name)s{name}",
    "rare": "𠮷㛃䶮",
    "direction": "甲‮乙",
    "lines": "第一行\r\n第二行\tend",
    "long": "长" * 4000,
    "blank": " ",
}


class Broken(AssertionError):
    """A promise is not kept; the text says which, where and what to do."""


def insist(condition: object, text: str) -> None:
    """Raise Broken with this text unless it is so."""
    if not condition:
        raise Broken(text)


def broken(promises: Mapping[str, Promise], subject: Any, only: Iterable[str] = ()) -> dict[str, str]:
    """Ask every promise, or only some; gives what was said about those that are not kept."""
    found = {}
    for name in only or promises:
        try:
            promises[name](subject)
        except Exception as error:
            found[name] = str(error) or type(error).__name__
    return found
