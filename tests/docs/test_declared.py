"""The page about declared platforms names every key and every fault there is."""

import re
from pathlib import Path

import pytest

import workbench
from workbench.api import declared
from workbench.api.shape import Manifest
from workbench.testing.declared import WAYS, faults_of

PAGE = (Path(workbench.__file__).with_name("docs") / "authors" / "declared-platforms.md").read_text("utf-8")
WORDS = set(re.findall(r"[a-z][a-z0-9_]*", PAGE))
MODELS = [model for model in vars(declared).values() if isinstance(model, type) and issubclass(model, Manifest)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_described(model: type[Manifest]) -> None:
    assert set(model.model_fields) <= WORDS


@pytest.mark.parametrize("way", WAYS)
def test_every_fault_is_named(way: str) -> None:
    assert set(faults_of(way)) <= WORDS | {"session_lost"}
