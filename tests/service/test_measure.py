"""Counters of several web processes are added up."""

import os
import subprocess
import sys
from pathlib import Path

PROCESS = """
from flask import Flask
from prometheus_client import generate_latest
from workbench.service import measure

app = Flask("small")
measure.install(app)
app.add_url_rule("/a", "a", lambda: "ok")
app.test_client().get("/a")
print(generate_latest(measure._requests()).decode())
"""


def test_requests_of_two_processes_are_added_up(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    told = [
        subprocess.run([sys.executable, "-c", PROCESS], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]

    line = 'workbench_requests_total{endpoint="a",method="GET",status="200"}'
    assert [f"{line} {count}.0" in one.stdout for count, one in enumerate(told, start=1)] == [True, True]
