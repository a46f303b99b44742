"""`workbench check` and `workbench new-line`, as an author uses them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from workbench.testing.adapter_promises import LIFE_PROMISES
from workbench.testing.adapter_under_test import AdapterUnderTest
from workbench.testing.promises import broken

ROOT = Path(__file__).parents[2]
Call = Callable[..., Result]


@pytest.fixture
def package(call: Call, tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    answer = call("new-line", "veterans-affairs", "--folder", str(folder))
    assert answer.exit_code == 0, answer.output
    assert "1 line with 1 item, 0 platforms: nothing found." in answer.output
    return folder


def run_tests(package: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(package)]
    return subprocess.run(command, cwd=package, capture_output=True, text=True, check=False).stdout


def test_new_line_passes_its_own_tests_lint_and_types(package: Path) -> None:
    assert "28 passed" in run_tests(package)
    for tool in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", "veterans_affairs"]):
        # An editable workbench is found by its folder only.
        environment = os.environ | {"MYPYPATH": str(ROOT), "MYPY_CACHE_DIR": str(package / ".mypy_cache")}
        command = [sys.executable, "-m", *tool]
        done = subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("way", ["rest", "soap", "sftp", "exchange_db", "web_form", "rekey"])
def test_new_line_with_a_platform_keeps_what_platforms_promise(call: Call, tmp_path: Path, way: str) -> None:
    answer = call("new-line", f"line-{way}", "--prefix", "QQ", "--platform", way, "--folder", str(tmp_path / "package"))
    assert "1 line with 1 item, 1 platform: nothing found." in answer.output

    test = AdapterUnderTest(tmp_path / "package" / f"line_{way}" / "platforms" / "cases", {}, "QQ-001")
    try:
        assert broken(LIFE_PROMISES, test) == {}
    finally:
        test.close()


def test_new_line_never_writes_over_anything(call: Call, package: Path) -> None:
    answer = call("new-line", "veterans-affairs", "--folder", str(package))

    assert answer.exit_code == 1
    assert "is there already; nothing was written" in answer.output


@pytest.mark.parametrize("name", ["退役", "9lives", "a/b", ""])
def test_new_line_needs_a_name_that_works(call: Call, tmp_path: Path, name: str) -> None:
    answer = call("new-line", name, "--prefix", "AB", "--folder", str(tmp_path / "package"))

    assert answer.exit_code == 1
    assert "cannot be a line's id" in answer.output
    assert not (tmp_path / "package").exists()


def test_check_prints_file_line_rule_and_hint(call: Call, package: Path) -> None:
    item = package / "veterans_affairs" / "items" / "VA-001.toml"
    item.write_text(item.read_text("utf-8").replace('"consent"]', '"consnt"]'), "utf-8")

    answer = call("check", str(package))

    assert answer.exit_code == 1
    said = "items/VA-001.toml:28: known-group: there is no group 'consnt'\n    did you mean consent?\n"
    assert f"{said}    see authors/checks.md#known-group\n" in answer.output
    assert answer.output.endswith("1 line with 1 item, 0 platforms: 1 finding.\n")


def test_check_speaks_json(call: Call, package: Path) -> None:
    answer = call("check", str(package), "--json")

    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {"lines": 1, "items": 1, "platforms": 0, "findings": []}


def test_check_of_a_folder_without_lines_is_wrong_use(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert call("check", str(tmp_path / "empty")).exit_code == 2
