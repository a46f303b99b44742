"""`kill -HUP` puts new web processes in place of the old ones while requests come in; none of them fails."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from workbench.faults.town import children_of, wait_for
from workbench.settings import Settings
from workbench.testing.ports import free_port

PATIENCE = 180.0


class Web:
    """`workbench web` as a process of its own, on an instance that is filled."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port, self.log = free_port(), log
        self.answers: Counter[str] = Counter()
        with log.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workbench.cli", "web"],
                env=os.environ | environment | {"WORKBENCH_PORT": str(self.port)}, stdout=said, stderr=said,
                start_new_session=True,
            )  # fmt: skip
        wait_for(lambda: self.ask() == "200", PATIENCE, "the pages answer")

    def ask(self, hesitates: float = 0.0) -> str:
        """Ask for a page by a connection of its own; gives the status, or what went wrong."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.connect()
            time.sleep(hesitates)
            connection.request("GET", "/sign-in")
            answer = connection.getresponse()
            answer.read()
            return str(answer.status)
        except (OSError, HTTPException) as error:
            return repr(error)
        finally:
            connection.close()

    @contextmanager
    def asked_all_the_time(self) -> Iterator[None]:
        stop = threading.Event()

        def ask(hesitates: float) -> None:
            while not stop.is_set():
                self.answers[self.ask(hesitates)] += 1

        # A browser on a slow line says what it wants a while after it has connected.
        clients = [threading.Thread(target=ask, args=(hesitates,)) for hesitates in (0.0, 0.0, 0.05, 0.2)]
        for one in clients:
            one.start()
        try:
            yield
        finally:
            stop.set()
            for one in clients:
                one.join()

    def start_anew(self) -> None:
        """Let it start its process anew, and wait until only the new one is there."""
        (old,) = children_of(self.process.pid)
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: (now := children_of(self.process.pid)) and old not in now, PATIENCE, "a new web process")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@pytest.fixture
def web(call: Callable[..., object], environment: dict[str, str], tmp_path: Path) -> Iterator[Web]:
    """The web server; `call` has put keys and database in their place."""
    web = Web(environment, tmp_path / "web.log")
    yield web
    with suppress(ProcessLookupError):  # with its processes, which are a group
        os.killpg(web.process.pid, signal.SIGKILL)
    web.process.wait()


@pytest.mark.only_sqlite
def test_no_request_fails_while_web_processes_change_over_or_cannot(web: Web, settings: Settings) -> None:
    keys = settings.instance / "keys.toml"
    with web.asked_all_the_time():
        web.start_anew()
        (standing,) = children_of(web.process.pid)
        kept = keys.read_bytes()
        keys.write_text("[broken")
        web.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "did not become ready" in web.log.read_text("utf-8"), PATIENCE, "the server says why not")
        time.sleep(0.2)
        assert children_of(web.process.pid) == [standing]
        keys.write_bytes(kept)
        web.start_anew()
    assert set(web.answers) == {"200"}, web.answers
    assert web.stop() == 0
