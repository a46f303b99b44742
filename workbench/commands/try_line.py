"""Tries a version of a line in a process of its own: `python -m workbench.commands.try_line PACKAGE FOLDER FILE`.

It asks every promise of the contract and reads the installation's old cases with it; what it found is written to FILE.
Nothing of the installation is changed.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..catalogue.items import load_catalogue
from ..host.discover import Line
from ..host.keep import stand_in
from ..opening.old_cases import Finding, read_old_cases
from ..testing.line_code_promises import CODE_PROMISES
from ..testing.line_promises import FILE_PROMISES
from ..testing.line_under_test import LineUnderTest
from ..testing.promises import broken
from .installation import open_installation

WITHIN = 600.0
FILE = re.compile(r"[\w./-]+\.(?:toml|py|html|po|csv)\b")
MODULE = re.compile(r"[\w.]*\.(\w+) cannot be imported")
#: What cannot be imported breaks every other promise of its code.
FIRST = {**FILE_PROMISES, "code-loads": CODE_PROMISES["code-loads"]}
THEN = {name: promise for name, promise in CODE_PROMISES.items() if name not in FIRST}


def try_line(line: Line) -> tuple[list[Finding], int]:
    """Try a version of a line that lies in a folder; gives what was found and how many old cases were read."""
    with tempfile.TemporaryDirectory(prefix="workbench-trial-") as room:
        answer = Path(room) / "found.json"
        command = [sys.executable, "-m", "workbench.commands.try_line", line.package, str(line.folder), str(answer)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=WITHIN, check=False)  # noqa: S603 - our own
        except subprocess.TimeoutExpired:
            return [_ended(f"{WITHIN:.0f} 秒内未完成", f"did not end within {WITHIN:.0f} seconds")], 0
        if not answer.exists():
            last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"])[-1][:200]
            return [_ended(f"中断：{last}", f"ended by itself: {last}")], 0
        found = json.loads(answer.read_text("utf-8"))
    return [Finding(**one) for one in found["findings"]], int(found["cases"])


def _ended(zh: str, en: str) -> Finding:
    return Finding(
        "stop", "line.toml", f"试运行{zh}", f"The trial {en}",
        "请条线负责人在自己的环境中运行约定测试。", "Let the owner run the contract of the line.",
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Try what the arguments name, as the process `try_line` starts."""
    package, folder, answer = arguments
    stand_in(package, Path(folder))
    test = LineUnderTest(Path(folder))
    findings, cases = [], 0
    try:
        findings = _of_contract(test.folder, broken(FIRST, test).items())
        findings = findings or _of_contract(test.folder, broken(THEN, test).items())
        if not findings:  # a line that breaks its contract is asked nothing more
            with open_installation() as home, home.store.read() as session:
                stand_in(package, Path(folder))  # the installation has its own version of it
                done = read_old_cases(session, test.line, load_catalogue([test.line]))
            findings, cases = done.findings, done.cases
    finally:
        test.close()
    Path(answer).write_text(
        json.dumps({"findings": [one.said() for one in findings], "cases": cases}, ensure_ascii=False), "utf-8"
    )
    return 0


def _of_contract(folder: Path, kept_not: Iterable[tuple[str, str]]) -> list[Finding]:
    return [_broken(promise, text.replace(f"{folder}/", "")[:500]) for promise, text in kept_not]


def _broken(promise: str, text: str) -> Finding:
    module, named = MODULE.match(text), FILE.search(text)
    file = f"{module[1]}.py" if module else named.group() if named else "line.toml"
    return Finding(
        "stop", file,
        f"不符合约定 {promise}：{text}", f"It breaks the promise {promise}: {text}",
        "请条线负责人改正后交付新版本。", "Let the owner correct it and hand over a new version.",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
