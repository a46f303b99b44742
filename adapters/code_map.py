"""Code maps of a platform, both ways: `codes/<name>.csv` with the columns `ours,theirs,name`.

Departments do not share code sets, so each platform ships its own. The first row of
a code wins in its direction; a code without a row is never guessed.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.api import BrokenPromise, Refused


@dataclass(frozen=True, slots=True)
class CodeMap:
    """One code table of one platform."""

    name: str
    by_ours: dict[str, str] = field(default_factory=dict)
    by_theirs: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # by their code

    def theirs(self, ours: object, field: str = "") -> str:
        """Translate our code to theirs; "" stays "". Raises Refused for a code they do not have."""
        code = "" if ours is None else str(ours).strip()
        if not code:
            return ""
        if code not in self.by_ours:
            raise Refused(f"对方代码表“{self.name}”中没有代码 {code}", code="code", field=field or self.name)
        return self.by_ours[code]

    def ours(self, theirs: object) -> str:
        """Translate their code to ours; "" stays "". Raises BrokenPromise for a code never agreed."""
        code = "" if theirs is None else str(theirs).strip()
        if not code:
            return ""
        if code not in self.by_theirs:
            raise BrokenPromise(f"their code table {self.name!r} has a new code")
        return self.by_theirs[code]


def of_ours(word: str) -> Any:
    """Give a word out of a code map where only certain words of ours may stand.

    Types cannot see into the files of `codes`: whoever writes one answers for its words.
    """
    return word


def read_code_map(folder: Path, name: str) -> CodeMap:
    """Read `<name>.csv` of a `codes` folder."""
    code_map = CodeMap(name)
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            code_map.by_ours.setdefault(row["ours"], row["theirs"])
            code_map.by_theirs.setdefault(row["theirs"], row["ours"])
            code_map.names.setdefault(row["theirs"], row["name"])
    return code_map
