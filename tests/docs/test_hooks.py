"""The page about hooks says what the code says: every hook has a heading with its true signature."""

import inspect
import re
from pathlib import Path

import pytest

import workbench
from workbench.api import hooks
from workbench.identity.declared import HOOK_RIGHTS
from workbench.identity.may import VERBS

PAGE = (Path(workbench.__file__).with_name("docs") / "authors" / "hooks.md").read_text("utf-8")
HEADINGS = dict(re.findall(r"^## (\w+)(\(.*)$", PAGE, re.MULTILINE))


def true_signature(name: str) -> str:
    text = str(inspect.signature(getattr(hooks, name)))
    return re.sub(r"\b(?:collections\.abc|workbench\.api\.nouns|typing)\.", "", text)


@pytest.mark.parametrize("name", hooks.HOOK_NAMES)
def test_every_hook_stands_with_its_signature(name: str) -> None:
    assert HEADINGS[name] == true_signature(name)


def test_no_hook_stands_that_does_not_exist() -> None:
    assert set(HEADINGS) == set(hooks.HOOK_NAMES)


def test_hook_names_are_all_the_specifications() -> None:
    found = {name for name, value in vars(hooks).items() if hasattr(value, "workbench_spec")}
    assert found == set(hooks.HOOK_NAMES)


def test_every_hook_has_a_right() -> None:
    assert set(HOOK_RIGHTS) == set(hooks.HOOK_NAMES)
    assert set(HOOK_RIGHTS.values()) <= VERBS
