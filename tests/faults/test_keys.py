"""Keys are changed while web and worker processes run: nothing fails, nothing is unreadable, nothing old is left."""

import base64
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
from sqlalchemy import text
from sqlmodel import col, select
from waiting import PATIENCE

from workbench.faults.town import HUB, Town, wait_for
from workbench.people.models import PersonRow
from workbench.store.crypto import KeyRing
from workbench.tables import METADATA


def rotate(town: Town, *stage: str) -> subprocess.Popen[str]:
    """Start the command as an administrator does."""
    place = {"WORKBENCH_INSTANCE": str(town.settings.instance), "WORKBENCH_DATABASE_URL": town.settings.database_url}
    command = [sys.executable, "-m", "workbench.cli", "keys", "rotate", *stage]
    return subprocess.Popen(
        command, env=os.environ | place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def told(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return said


class Reader:
    """A machine that looks for residents by number without a pause, and counts what fails."""

    def __init__(self, town: Town) -> None:
        self.town, self.failed, self.done = town, list[str](), 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        with town.store.read() as session:
            at_hub = select(PersonRow.name, PersonRow.id_no).where(PersonRow.hub_id == HUB)
            known = at_hub.where(col(PersonRow.id_no).is_not(None)).order_by(PersonRow.id)
            self._people = session.exec(known.limit(8)).all()

    def _work(self) -> None:
        headers = {"Authorization": f"Bearer {self.town.token}", "X-Purpose": "test"}
        with httpx2.Client(base_url=self.town.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
            while not self._stop.is_set():
                for name, number in self._people:
                    answer = client.post("/api/v1/persons/search", json={"text": number})
                    if answer.status_code != 200 or [one["name"] for one in answer.json()["persons"]] != [name]:
                        self.failed.append(f"{answer.status_code} {answer.text[:200]}")
                    self.done += 1

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()


def everything(town: Town) -> Iterator[tuple[str, bytes]]:
    """Give every value of every column as it lies in the database, and every file."""
    with town.store.read() as session:
        for table in METADATA.sorted_tables:
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')).mappings():
                for column, value in row.items():
                    yield (
                        f"{table.name}.{column}",
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode(),
                    )
    folder = town.settings.file_store(town.store.keys).folder
    yield from ((path.name, path.read_bytes()) for path in folder.glob("*/*"))


#: What is sealed as a whole begins so; what follows is as good as random, and in many megabytes holds anything.
WHOLE = re.compile(rb"[\x01\x02].k\d", re.DOTALL)
#: How much follows the head of anything sealed, at the least: nonce and tag.
FOLLOWS = 28


def sealed_with(key: str, value: bytes) -> bool:
    """Tell whether something in a value was sealed with a key: as it is, or written in base64 or hex."""
    heads = [bytes((kind, len(key))) + key.encode() for kind in (1, 2)]
    if WHOLE.match(value):
        return value.startswith(tuple(heads))
    forms = [
        form(head)
        for head in heads
        for form in (bytes, lambda one: base64.b64encode(one)[:4], lambda one: one.hex().encode())
    ]
    return any(form in value[:-FOLLOWS] for form in forms)


def places_of(town: Town, ring: KeyRing, key: str) -> set[str]:
    return {place for place, value in everything(town) if sealed_with(key, value)}


def test_keys_change_while_web_and_worker_run(
    town: Town, intake: Callable[..., Any], judge: Callable[..., Any]
) -> None:
    log = town.settings.instance / "web.log"
    began = log.stat().st_size
    cases = intake()
    cases.accept(40)
    with town.acting() as ctx:
        ctx.files.put(b"a scan")
    town.start("worker")
    old, held = town.store.keys.current, town.store.keys.held
    assert places_of(town, town.store.keys, old) >= {"person.id_no", "person.phone", "payload.content", "fact.sealed"}
    stop = threading.Event()

    def keep_handing_in() -> None:
        while not stop.wait(0.25):
            cases.hand_in(4)

    handing_in = threading.Thread(target=keep_handing_in)
    handing_in.start()
    try:
        with Reader(town) as reader:
            wait_for(lambda: reader.done > 3, PATIENCE, "pages are read")
            broken_off = rotate(town)
            path = town.settings.instance / "keys.toml"
            wait_for(lambda: f'current = "{old}"' not in path.read_text(), PATIENCE, "the new key is in use")
            broken_off.kill()
            broken_off.communicate()
            assert "All is sealed with" in told(rotate(town))
            os.utime(path, (0, path.stat().st_mtime - 20))  # as if everything had settled long ago
            assert f"Took {old}" in told(rotate(town, "--finish"))
            before = reader.done
            wait_for(lambda: reader.done > before + 8, PATIENCE, "pages are read with the new key alone")
    finally:
        stop.set()
        handing_in.join()

    assert reader.failed == []
    assert town.settings.keys().held.fields.keys().isdisjoint(held.fields)
    assert town.settings.keys().held.indexes.keys().isdisjoint(held.indexes)
    assert places_of(town, town.store.keys, old) == set()
    assert judge(cases).is_clean
    said = log.read_bytes()[began:].decode() + (town.settings.instance / "worker.log").read_text()
    assert "CannotRead" not in said
    assert '"status": 5' not in said
