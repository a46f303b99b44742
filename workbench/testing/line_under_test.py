"""One line in a small world of its own: a database, a hub, a worker of each role, a resident with a hostile name."""

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from ..api.manifest import LineManifest
from ..api.nouns import Case, Fact, Hub, Person, Worker
from ..app import create_app
from ..catalogue.items import Catalogue, load_catalogue
from ..host.discover import Installed, Line, judge_api, read_manifest
from ..hubs.models import HubRow
from ..hubs.open_lines import close_line, open_line
from ..identity.sessions import COOKIE, start
from ..opening.admission import Admitting, admit
from ..people.check import PersonInput
from ..people.register import register_person
from ..settings import Settings
from ..staff.models import GrantRow, WorkerRow
from ..store.context import Context
from ..store.ids import new_id
from ..tables import METADATA
from .promises import HOSTILE, insist

ROLES = ("worker", "reviewer", "approver", "hub_admin")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HUB = Hub("kit", "试验站", "Test hub", "990100001001", 0)
WORKER = Worker("01JDWORKER0000000000000001", "worker", "社工一", frozenset({"worker"}))


@dataclass
class LineUnderTest:
    """The line of a folder; everything is made when it is first asked for."""

    folder: Path
    _rooms: list[Path] = field(default_factory=list)

    @cached_property
    def line(self) -> Line:
        """The line as the host reads it. Breaks when line.toml cannot be read."""
        manifest, reason = read_manifest(LineManifest, self.folder / "line.toml")
        insist(manifest, f"line.toml cannot be read: {reason}")
        assert manifest is not None  # noqa: S101 - insisted above
        state, reason = judge_api(manifest.api)
        return Line(manifest.id, self.folder.name, self.folder, state, reason, manifest)

    @property
    def manifest(self) -> LineManifest:
        manifest = self.line.manifest
        assert manifest is not None  # noqa: S101 - the line was read
        return manifest

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue([self.line])

    def load(self, reference: str) -> Any:
        """Import what line.toml names, "module" or "module:attribute"; breaks with the reason."""
        module, _, name = reference.partition(":")
        try:
            loaded = importlib.import_module(module)
            return getattr(loaded, name) if name else loaded
        except (Exception, SystemExit) as error:
            text = f"{reference} cannot be imported: {type(error).__name__}: {error}"
            insist(False, text)

    @cached_property
    def site(self) -> "Site":
        """The web application with this line alone."""
        room = Path(tempfile.mkdtemp(prefix="workbench-line-"))
        self._rooms.append(room)
        return Site(self.line, room)

    def close(self) -> None:
        """Throw the world away."""
        if "site" in self.__dict__:
            self.site.store.close()
        for room in self._rooms:
            shutil.rmtree(room, ignore_errors=True)


class Site:
    """A workbench in a temporary folder, with one hub."""

    def __init__(self, line: Line, room: Path) -> None:
        self.line = line
        self.settings = Settings(room, f"sqlite:///{room / 'site.db'}")
        self.app: Flask = create_app(self.settings, Installed((line,), ()))
        #: As the application found it: a line whose pages cannot be mounted is broken here.
        self.installed: Installed = self.app.extensions["workbench"].installed
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.store = self.app.extensions["workbench"].store
        # Tables of lines come by their own migrations only.
        METADATA.create_all(self.store.engine, [t for t in METADATA.sorted_tables if not t.name.startswith("line_")])
        self.workers = self._fill()
        with self.acting() as ctx:
            given = PersonInput(name="测试甲", id_type="111", id_no="990101195003071239", phone="19900000001")
            row = register_person(ctx, given)
            # The counter would not take such a name; an import of old files might have.
            row.name = "测试<b>甲</b>"
            self.person_id = row.id

    def _fill(self) -> dict[str, str]:
        workers = {}
        with self.store.write() as session:
            session.add(
                HubRow(id=HUB.id, name_zh=HUB.name_zh, name_en=HUB.name_en, shape="single", division=HUB.division)
            )
            session.flush()
            for role in ROLES:
                row = WorkerRow(id=new_id(), username=role, name=role, created_at=LONG_AGO)
                session.add(row)
                session.flush()
                session.add(
                    GrantRow(worker_id=row.id, hub_id=HUB.id, role=role, valid_from=LONG_AGO, granted_by="system")
                )
                workers[role] = row.id
        return workers

    @contextmanager
    def acting(self) -> Iterator[Context]:
        """Act as the worker of this hub."""
        services = self.app.extensions["workbench"]
        with self.store.write() as session:
            worker = Worker(self.workers["worker"], "worker", "worker", frozenset({"worker"}))
            yield Context(session, worker, HUB, services.clock, services.keys, services.files)

    def open(self) -> None:
        """Open the line at the hub, under an admission of its own."""
        with self.acting() as ctx:
            today, last = ctx.clock.today(), ctx.clock.today() + timedelta(days=365)
            admit(ctx, self.installed, self.line.id, Admitting("kit", "kit", today, last))
            open_line(ctx, self.installed, self.line.id)

    def shut(self) -> None:
        """Close the line at the hub."""
        with self.acting() as ctx:
            close_line(ctx, self.line.id)

    def client(self, role: str) -> FlaskClient:
        """Sign a worker of this role in."""
        with self.store.write() as session:
            token = start(session, self.workers[role], datetime.now(UTC))
        client = self.app.test_client()
        client.set_cookie(COOKIE, token)
        return client

    def routes(self) -> list[tuple[str, Any]]:
        """Give path and view of every page of the line that can be looked at."""
        found = []
        for rule in self.app.url_map.iter_rules():
            if rule.endpoint.startswith(f"line_{self.line.id}.") and "GET" in (rule.methods or ()):
                if rule.endpoint.endswith(".static"):
                    continue
                values = {name: self.person_id if name == "person_id" else "1" for name in rule.arguments}
                with self.app.test_request_context():
                    path = self.app.url_map.bind("localhost").build(rule.endpoint, values | {"hub": HUB.id})
                found.append((path, self.app.view_functions[rule.endpoint]))
        return found


def person_named(name: str, **facts: Any) -> Person:
    """Make a resident as lines see them."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    held = {key: Fact(key, value, "word", "居民自述", None, at) for key, value in facts.items()}
    return Person("01JDPERSON0000000000000001", name, "1", date(1950, 3, 7), HUB.id, held)


def stranger() -> Person:
    """Make a resident about whom nearly nothing is known."""
    return Person("01JDPERSON0000000000000002", "测试乙", "0", None, HUB.id)


def case_of(item_code: str, text: str = "测试") -> Case:
    """Make a case as lines see it."""
    values = {"name": text, "phone": "19900000001", "wish": text}
    return Case("01JDCASE000000000000000001", "KIT-20261122-000001", item_code, "accepted", "p", LONG_AGO, values)


def hostile_people() -> list[Person]:
    """Make residents whose names and facts are what nobody expects."""
    return [person_named(text, **{"person.residence_address": text}) for text in HOSTILE.values()]
