"""Compiled templates are found again by the next process, and never run when somebody else wrote them."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader

from workbench.web import compiled
from workbench.web.compiled import MARK, Shelf
from workbench.web.environment import PageEnvironment
from workbench.web.folding import Fold


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page").write_text("one")
    return Shelf(tmp_path / "compiled", lambda text: mark("ours", text), (tmp_path / "templates",))


def mark(key: str, text: str) -> bytes:
    return sha256(f"{key}{text}".encode()).digest()[:MARK]


def drawn(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, source: str = "Hello") -> tuple[str, int]:
    """Draw a page as a process does that has just begun; gives it, and how often something was compiled."""
    monkeypatch.setattr(compiled, "_compiled", {})
    ours = PageEnvironment(Flask(__name__), loader=DictLoader({"page": source}), auto_reload=False)
    ours.decide(Fold("en", False, str, str), "", frozenset(), shelf)
    count = 0
    plain = ours.compile

    def counting(*args: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        return plain(*args, **named)

    monkeypatch.setattr(ours, "compile", counting)
    return ours.get_template("page").render(), count


def fresh(shelf: Shelf) -> Shelf:
    return replace(shelf)


def test_next_process_compiles_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(shelf, monkeypatch) == ("Hello", 1)
    assert drawn(fresh(shelf), monkeypatch) == ("Hello", 0)
    assert drawn(fresh(shelf), monkeypatch, "Goodbye") == ("Goodbye", 1)
    assert shelf.current.stat().st_mode & 0o077 == 0


def test_changed_file_is_compiled_anew_and_what_was_kept_goes(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    (shelf.sources[0] / "page").write_text("another")
    drawn(shelf, monkeypatch)  # by a process that had begun before
    later = fresh(shelf)
    assert drawn(later, monkeypatch) == ("Hello", 1)
    assert list(shelf.folder.iterdir()) == [later.current]


@pytest.mark.parametrize("damage", ["forged", "cut", "empty"])
def test_what_others_wrote_is_not_run(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    drawn(shelf, monkeypatch, "Mine")
    other = replace(shelf, folder=shelf.folder.with_name("other"), mark=lambda text: mark("theirs", text))
    drawn(other, monkeypatch, "Mine")
    ((kept, forged),) = zip(shelf.current.iterdir(), other.current.iterdir(), strict=True)
    content = {"forged": forged.read_bytes(), "cut": kept.read_bytes()[:-1], "empty": b""}[damage]
    kept.write_bytes(content)
    assert drawn(fresh(shelf), monkeypatch, "Mine") == ("Mine", 1)


def test_folder_nobody_can_write_costs_time_only(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.folder.write_text("in the way")
    assert drawn(shelf, monkeypatch) == ("Hello", 1)
    assert drawn(fresh(shelf), monkeypatch) == ("Hello", 1)
