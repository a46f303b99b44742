"""Bad packages: the site starts, the other lines work, the admin sees line, owner, file and reason."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from waiting import PATIENCE

from workbench.app import create_app
from workbench.catalogue.items import load_catalogue
from workbench.host.call import Caller
from workbench.host.discover import Installed, Line, discover
from workbench.scaffold.write import name_line, write_line
from workbench.settings import Settings

#: fault -> file, text, other text, what the admin reads.
BAD = {
    "syntax error": ("hooks.py", "def check_case", "def def check_case", "hooks.py, line 15"),
    "missing dependency": ("views.py", "from flask", "import nobody_has\nfrom flask", "nobody_has is not installed"),
    "hook that does not fit": ("hooks.py", "person_panels()", "person_panels(citizen: object)", "citizen"),
    "ends the program": ("hooks.py", "from workbench", "raise SystemExit\nfrom workbench", "SystemExit"),
    "foreign surface": ("line.toml", 'api = "1.0"', 'api = "2.0"', "written for surface 2.0"),
    "unknown key": ("line.toml", "api =", 'colour = "red"\napi =', "line.toml: colour"),
    "same code prefix": ("line.toml", 'code_prefix = "ZZ"', 'code_prefix = "MZ"', "is already claimed by"),
    "page without a right": ("views.py", '@pages.permit("see")\n', "", "panel declare no right"),
}  # fmt: skip
COUNT = iter(range(1000))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of a line as pip leaves it: importable, with its entry points."""
    line = name_line(f"bad_{next(COUNT)}_line", "ZZ", date(2026, 11, 22))
    write_line(line, tmp_path / "site")
    told = tmp_path / "site" / f"{line.id}-2026.1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {line.id}\nVersion: 2026.1\n")
    (told / "entry_points.txt").write_text(f"[workbench.lines]\n{line.id} = {line.id}\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    yield tmp_path / "site" / line.id
    for name in [name for name in sys.modules if name.partition(".")[0] == line.id]:
        del sys.modules[name]


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[[], Flask]]:
    """Start the site with what is installed."""
    started: list[Flask] = []

    def begin() -> Flask:
        started.append(create_app(settings, discover()))
        return started[-1]

    yield begin
    for app in started:
        app.extensions["workbench"].store.close()


def found(app: Flask, line_id: str) -> tuple[Line, Installed]:
    installed: Installed = app.extensions["workbench"].installed
    line = installed.line(line_id)
    assert line is not None
    return line, installed


@pytest.mark.parametrize("fault", BAD)
def test_site_starts_and_says_what_is_wrong(package: Path, start: Callable[[], Flask], fault: str) -> None:
    file, old, new, words = BAD[fault]
    text = (package / file).read_text("utf-8")
    assert old in text
    (package / file).write_text(text.replace(old, new, 1), "utf-8")

    line, installed = found(start(), package.name)

    assert line.state != "ready"
    assert words in line.reason
    assert line.manifest is None or line.manifest.owner.name
    others = [one for one in installed.lines if one.id != line.id]
    assert len(others) >= 31 and all(one.state == "ready" for one in others)


def test_line_without_a_fault_is_ready(package: Path, start: Callable[[], Flask]) -> None:
    assert found(start(), package.name)[0].state == "ready"


def test_item_that_cannot_be_read_is_left_out_alone(package: Path) -> None:
    item = package / "items" / "ZZ-001.toml"
    (package / "items" / "ZZ-002.toml").write_text(
        item.read_text("utf-8").replace("ZZ-001", "ZZ-002").replace("fee =", "fees ="), "utf-8"
    )
    line = discover().line(package.name)
    assert line is not None

    read = load_catalogue([line])

    assert [one.code for one in read.items] == ["ZZ-001"]
    assert [(fault.file, "fees" in f"{fault.place}{fault.what}") for fault in read.faults] == [("ZZ-002.toml", True)]


def test_hook_that_blocks_costs_its_own_box(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks, ask = package / "hooks.py", Caller._ask
    text = hooks.read_text("utf-8").replace("return [Panel(", "END.wait(60)\n    return [Panel(")
    hooks.write_text(f"{text}\n\nimport threading\nEND = threading.Event()\n", "utf-8")

    def hurried(caller: Caller, implementation: Any, arguments: dict[str, Any]) -> Any:
        is_blocked = implementation.plugin.__name__.startswith(package.name)
        monkeypatch.setattr("workbench.host.call.PATIENCE", 1.0 if is_blocked else PATIENCE)
        return ask(caller, implementation, arguments)

    monkeypatch.setattr(Caller, "_ask", hurried)
    installed = discover()
    wanted = [line for line in installed.lines if line.id in (package.name, "civil_affairs")]
    given: dict[str, Any] = {"hub": None, "worker": None, "person": None}
    try:
        answers = Caller().call("person_panels", wanted, **given)
    finally:
        sys.modules[f"{package.name}.hooks"].END.set()

    assert {answer.line.id: answer.fault for answer in answers} == {package.name: "TimeoutError", "civil_affairs": ""}
