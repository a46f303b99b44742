"""What could not be tried is said once per reason, and fails the run where skips are refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROGRAM = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_browser(number):
    pytest.skip("could not try: Chromium is not installed")

def test_other():
    pytest.skip("no moon tonight")

def test_fine():
    pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from could_not_try import pytest_sessionfinish, pytest_terminal_summary\n"
    )
    (tmp_path / "test_it.py").write_text(PROGRAM)
    return tmp_path


def run(project: Path, *options: str, refuse: bool = False) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir=.",
        *options,
    ]
    environment = {key: value for key, value in os.environ.items() if key != "REFUSE_SKIPS"}
    environment |= {"REFUSE_SKIPS": "1"} if refuse else {}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_each_reason_is_one_line(project: Path, options: tuple[str, ...]) -> None:
    done = run(project, *options)

    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("could not try")]
    assert lines == ["could not try: Chromium is not installed", "could not try: no moon tonight"]


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_refused_skips_fail_the_run(project: Path, options: tuple[str, ...]) -> None:
    assert run(project, *options, refuse=True).returncode == 1


def test_run_without_skips_is_fine_where_skips_are_refused(project: Path) -> None:
    assert run(project, "test_it.py::test_fine", refuse=True).returncode == 0
