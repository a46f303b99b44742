"""Statements and round trips of each step, counted in this process through the test client, away from the clock."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from ..app import create_app
from .browser import TOKEN
from .mix import FRAGMENT, Visitor
from .sittings import Sitting
from .twin.app import make_twin
from .world import World

Ask = Callable[[], Any]
#: Opening and closing a transaction are round trips, not statements.
FRAMING = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Counted:
    """One step of one target."""

    statements: int
    trips: int


@contextmanager
def made(target: str, world: World) -> Iterator[Flask]:
    """Make a target in this process, and let go of its database at the end."""
    if target == "twin":
        app = make_twin(world.settings)
        opened: Any = app.extensions["twin"]
    else:
        app = create_app(world.settings, world.installed)
        opened = app.extensions["workbench"].store
    try:
        yield app
    finally:
        opened.close()


def count_steps(target: str, world: World, visitor: Visitor, ready: Sitting) -> dict[str, Counted]:
    """Count each step once, after it ran once before so that caches are as they are in a running program."""
    counted: dict[str, Counted] = {}
    with made(target, world) as app:
        for step, ask in steps_of(app.test_client(), world, visitor, ready).items():
            if step != "accept":
                ask()
            with counting(app) as count:
                answer = ask()
            if answer.status_code >= 400:
                raise RuntimeError(f"{target}: {step} answers {answer.status_code}")
            counted[step] = Counted(*count())
    return counted


def steps_of(client: FlaskClient, world: World, visitor: Visitor, ready: Sitting) -> dict[str, Ask]:
    """Give one request per step for a signed-in client."""
    hub, person = visitor.desk.hub.id, visitor.people[0]
    found = TOKEN.search(client.get("/sign-in").data)
    form = {"csrf_token": found[1].decode() if found else ""}
    entry = form | {"username": visitor.desk.username, "password": world.password}
    client.post("/sign-in", data=entry)
    seen = client.get(f"/h/{hub}/").headers.get("ETag", "")
    base = f"/h/{hub}/cases"
    return {
        "sign-in": lambda: client.post("/sign-in", data=entry),
        "find": lambda: client.post(f"/h/{hub}/search", data=form | {"q": person.name}),
        "form": lambda: client.get(f"{base}/{visitor.forms[0].case_id}/form"),
        "queue": lambda: client.get(f"/h/{hub}/"),
        "poll": lambda: client.get(f"/h/{hub}/", headers=FRAGMENT | {"If-None-Match": seen}),
        "guide": lambda: client.get(f"/h/{hub}/people/{person.id}/items"),
        "case": lambda: client.get(f"{base}/{visitor.cases[0].case_id}"),
        "accept": lambda: client.post(f"{base}/{ready.case_id}/accept", data=form | {"accept_key": ready.accept_key}),
    }


@contextmanager
def counting(app: Flask) -> Iterator[Callable[[], tuple[int, int]]]:
    """Count what goes to the database; each COMMIT is one round trip."""
    if database := app.extensions.get("twin"):
        before = database.statements, database.trips
        yield lambda: (database.statements - before[0], database.trips - before[1])
        return
    engine, seen = app.extensions["workbench"].store.engine, [0, 0]

    def on_execute(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen[0] += not FRAMING.match(statement)
        seen[1] += 1

    def on_end(connection: Any) -> None:
        seen[1] += 1

    hooks = (("before_cursor_execute", on_execute), ("begin", on_end), ("commit", on_end), ("rollback", on_end))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield lambda: (seen[0], seen[1])
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)
