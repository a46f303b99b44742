"""The newcomer's page is true: its commands run as they stand, in an environment of their own, and a case is delivered.

The sample package beside it is built as a wheel, installed and delivers a case too. Nothing is fetched from anywhere.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import workbench

ROOT = Path(__file__).parents[2]
PAGE = (Path(workbench.__file__).with_name("docs") / "authors" / "first-line.md").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SAMPLE = ROOT / "tests" / "packages" / "pet_registry"
WITHIN = 400
PROGRAMS = {"workbench": "workbench.cli", "pytest": "pytest", "pip": "pip"}


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A desk: an environment that sees the workbench and takes packages of its own, an empty installation."""
    desk = tmp_path_factory.mktemp("newcomer")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(desk / "env")], check=True)
    python = desk / "env" / "bin" / "python"
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    seen = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(own) / "workbench_of_the_repository.pth").write_text(seen, "utf-8")
    for program, module in PROGRAMS.items():
        path = desk / "env" / "bin" / program
        path.write_text(f'#!/bin/sh\nexec "{python}" -m {module} "$@"\n', "utf-8")
        path.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "WORKBENCH"))}
    environment |= {
        "PATH": f"{desk / 'env' / 'bin'}:{environment['PATH']}",
        "WORKBENCH_INSTANCE": str(desk / "instance"),
        "WORKBENCH_PORT": "0",
        "WORKBENCH_DEPARTMENT_DECIDES_AFTER": "0",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    yield desk, environment


def run(script: str, desk: Path, environment: dict[str, str]) -> str:
    """Run a script of commands; it fails with the first that fails, and what it started ends with it."""
    log, whole = desk / "said.log", f"trap 'kill $(jobs -p) 2>/dev/null' EXIT\n{script}"
    command, how = ["bash", "-eux", "-c", whole], {"cwd": desk, "env": environment, "start_new_session": True}
    # Not through a pipe: what the script started would hold it open.
    with log.open("w", encoding="utf-8") as file, subprocess.Popen(command, stdout=file, stderr=file, **how) as process:
        try:
            code = process.wait(WITHIN)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
    said = log.read_text("utf-8", "replace")
    assert code == 0, said[-6000:]
    return said


@pytest.mark.only_sqlite
def test_page_leads_to_a_delivered_case(newcomer: tuple[Path, dict[str, str]]) -> None:
    desk, environment = newcomer
    commands = [block.replace("workbench check . && exit 1", "! workbench check .") for block in COMMANDS]
    shutil.copytree(SAMPLE, desk / "sample")
    sample = f"pip wheel -q -w {desk / 'wheels'} {desk / 'sample'}\npip install -q {desk / 'wheels'}/*.whl\n"
    # The sample is a department's package as it would be handed over.
    before, after = "\n".join(commands[:-2]), "\n".join(commands[-2:])
    opened = "workbench lines open pet_registry --hub wutong --admission trial\n"
    opened += "workbench departments --only pet_registry.cases &\n"
    visit = f"python {ROOT / 'tests' / 'docs' / 'first_line_visit.py'} LB-001 CW-001\n"
    clean = after.replace("workbench web &", "")  # the page is served by the visit itself

    said = run("\n".join([before, sample, clean, opened, visit]), desk, environment)

    assert re.search(r"^LB-001 concluded", said, re.MULTILINE), said[-3000:]
    assert re.search(r"^CW-001 concluded", said, re.MULTILINE), said[-3000:]
    for platform in ("neighbour_help.cases", "pet_registry.cases"):
        ledger = desk / "instance" / "departments" / platform / "ledger.jsonl"
        assert len(ledger.read_text("utf-8").splitlines()) == 1
