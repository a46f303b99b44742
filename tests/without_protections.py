"""Takes every protection away, one after the other, in a copy of the tree: a test named for it must fail then.

`python tests/without_protections.py [WORD ...]` tries those whose fault holds one of the words, else all
(half an hour on two busy cores), prints a line for each, and ends with 1 when a test went on passing.
`--table` prints the table of the documentation.
"""

import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[1]
DECLARED = Path(__file__).with_name("faults") / "protections.toml"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "instance", "__pycache__", ".*_cache", "*.egg-info")
#: What pytest ends with when tests failed, and not because they could not be found or run.
TESTS_FAILED = 1


@dataclass(frozen=True, slots=True)
class Protection:
    """One protection: where it stands, what stands there without it, and the tests that notice."""

    fault: str
    invariant: str
    protects: str
    file: str
    was: str
    becomes: str
    tests: list[str]

    def remove_from(self, tree: Path) -> str:
        """Take it away; gives the file as it was."""
        path = tree / self.file
        whole, was = path.read_text("utf-8"), self.was.strip("\n")
        if not was or whole.count(was) != 1:
            raise LookupError(f"{self.fault}: {self.file} has {whole.count(was)} times {was!r}")
        path.write_text(whole.replace(was, self.becomes.strip("\n")), "utf-8")
        return whole


def protections() -> list[Protection]:
    """Read what is declared."""
    return [Protection(**row) for row in tomllib.loads(DECLARED.read_text("utf-8"))["protection"]]


def table() -> str:
    """Give the table of the documentation."""
    head = "| fault | invariant | protection | without it this fails |\n|---|---|---|---|\n"
    rows = [
        f"| {one.fault} | {one.invariant} | {one.protects} (`{Path(one.file).name}`) | {_names(one.tests)} |"
        for one in protections()
    ]
    return head + "\n".join(rows) + "\n"


def _names(tests: Sequence[str]) -> str:
    return ", ".join(f"`{test.rpartition('::')[2] or test}`" for test in tests)


def is_noticed(protection: Protection, tree: Path) -> bool:
    """Run the tests of a protection without it; True when they fail."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *protection.tests]
    whole = protection.remove_from(tree)
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, check=False, timeout=900)
    finally:
        (tree / protection.file).write_text(whole, "utf-8")
    return done.returncode == TESTS_FAILED


def show(words: Sequence[str]) -> int:
    """Try all, or those that hold a word; gives how many went unnoticed."""
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="workbench-without-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(TREE, tree, ignore=LEFT_OUT)
        for protection in protections():
            if words and not any(word in protection.fault for word in words):
                continue
            began = time.monotonic()
            noticed = is_noticed(protection, tree)
            unnoticed += not noticed
            told = "noticed" if noticed else "NOT NOTICED"
            print(f"{told} in {time.monotonic() - began:.0f} s: {protection.fault}", flush=True)
    return unnoticed


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print(table(), end="")
    else:
        sys.exit(bool(show(sys.argv[1:])))
