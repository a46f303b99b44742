"""The examples of the document on the interface, run by a shell with curl against a real server."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select
from waiting import PATIENCE
from werkzeug.serving import make_server

import workbench
from workbench.cases.models import CaseRow
from workbench.machine.operations import OPERATIONS
from workbench.store.engine import Store

DOCUMENT = (Path(workbench.__file__).parent / "docs" / "machine-interface.md").read_text("utf-8")


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_run_as_they_stand(machine, address: str, store: Store) -> None:
    script = "\n".join(["set -e", *re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)])
    surroundings = {**os.environ, "TOKEN": machine.token, "WORKBENCH": address, "no_proxy": "127.0.0.1"}
    ran = subprocess.run(["bash", "-c", script], env=surroundings, capture_output=True, text=True, timeout=PATIENCE)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "受理" in ran.stdout
    with store.read() as session:
        assert session.exec(select(CaseRow.state)).all() == ["accepted"]


def test_the_document_names_every_scope() -> None:
    assert {one.scope for one in OPERATIONS} == set(re.findall(r"^\| `([a-z]+:[a-z]+)` \|", DOCUMENT, re.MULTILINE))
