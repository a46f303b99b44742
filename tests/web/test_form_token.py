"""The form token is remembered, never weakened: a cookie nobody signed carries nothing."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from workbench.app import create_app
from workbench.settings import Settings

TOKEN = re.compile(r'"X-CSRFToken": "([^"]+)"')


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["workbench"].store.close()


def test_token_fits_its_browser_and_no_other(app: Flask) -> None:
    one, other = app.test_client(), app.test_client()
    mine, theirs = (TOKEN.search(client.get("/sign-in").text)[1] for client in (one, other))
    assert one.get("/sign-in").text.count(mine) >= 2
    form = {"username": "nobody", "password": "wrong"}
    assert one.post("/sign-in", data=form | {"csrf_token": mine}).status_code == 422
    assert one.post("/sign-in", data=form | {"csrf_token": theirs}).status_code == 400
    assert one.post("/sign-in", data=form).status_code == 400


def test_changed_cookie_is_not_believed(app: Flask) -> None:
    client = app.test_client()
    token = TOKEN.search(client.get("/sign-in").text)[1]
    value = client.get_cookie("workbench_form").value
    client.get("/sign-in")  # now it is remembered
    client.set_cookie("workbench_form", value[:-2] + ("AA" if value[-2:] != "AA" else "BB"))
    form = {"username": "nobody", "password": "wrong", "csrf_token": token}
    assert client.post("/sign-in", data=form).status_code == 400
