"""The application with the rooms these tests need."""

from collections.abc import Iterator

import pytest
from flask import Flask

from workbench import app as composer
from workbench.app import create_app
from workbench.host.discover import Installed
from workbench.settings import Settings
from workbench.store.engine import Store


@pytest.fixture
def app(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(composer, "ROOMS", ("identity", "service"))
    made = create_app(settings, Installed((), ()))
    yield made
    made.extensions["workbench"].store.close()
