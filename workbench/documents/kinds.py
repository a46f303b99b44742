"""Which documents there are, read from kinds.toml: in which states of a case each may be printed, and what it says."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..api.manifest import Manifest


class Ask(Manifest):
    """One thing a worker types before a document is printed."""

    key: str
    zh: str
    en: str
    required: bool = False


class Kind(Manifest):
    """One kind of document."""

    key: str
    code: str
    zh: str
    en: str
    states: tuple[str, ...]
    needs: str = ""  # what else has to be so: granted, refused, late, not_here, conditions
    lead: str
    parts: tuple[str, ...]
    asks: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    sign: str


@cache
def load_kinds() -> Mapping[str, Kind]:
    """Read the kinds, in their order."""
    return {kind.key: kind for kind in map(Kind.model_validate, _file()["kind"])}


@cache
def load_asks() -> Mapping[str, Ask]:
    """Read what may be asked for."""
    return {ask.key: ask for ask in map(Ask.model_validate, _file()["ask"])}


@cache
def _file() -> dict[str, list[dict[str, object]]]:
    return tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8"))


def kinds_for(state: str, so: frozenset[str]) -> list[Kind]:
    """List the documents that may be printed of a case in a state, of which these things are so."""
    return [kind for kind in load_kinds().values() if state in kind.states and (not kind.needs or kind.needs in so)]
