"""Writes the package of a new line: line.toml, one item, hooks, a page, words, a test, and a platform if it has one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).with_name("templates")
#: Template -> where it goes, both with the names of the new line in them.
FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "init.py.txt": "$id/__init__.py",
    "line.toml.txt": "$id/line.toml",
    "item.toml.txt": "$id/items/$prefix-001.toml",
    "hooks.py.txt": "$id/hooks.py",
    "views.py.txt": "$id/views.py",
    "panel.html.txt": "$id/templates/panel.html",
    "words.po.txt": "$id/translations/zh_CN/$id.po",
    "test_line.py.txt": "tests/test_line.py",
}
CODES = {f"{name}.csv.txt": f"$id/platforms/cases/codes/{name}.csv" for name in ("id_type", "sex", "status")}
CODES["losses.toml.txt"] = "$id/platforms/cases/codes/losses.toml"
#: What a platform of each way adds.
PLATFORM_FILES: Mapping[str, Mapping[str, str]] = {
    way: {
        f"platform_{way}.toml.txt": "$id/platforms/cases/platform.toml",
        "test_platform.py.txt": "tests/test_cases.py",
    }
    | CODES
    | more
    for way, more in {
        "rest": {},
        "soap": {"service.wsdl.txt": "$id/platforms/cases/service.wsdl"},
        "sftp": {},
        "exchange_db": {},
        "web_form": {
            "layout.toml.txt": "$id/platforms/cases/layout.toml",
            "action.csv.txt": "$id/platforms/cases/codes/action.csv",
        },
        "rekey": {},
    }.items()
}


class BadName(ValueError):
    """The name or prefix cannot be used; the text says which can."""


@dataclass(frozen=True)
class NewLine:
    """What a new line is called."""

    id: str
    prefix: str
    day: date
    platform: str = ""  # the way its department is reached; "" = it has none

    @property
    def words(self) -> dict[str, str]:
        """Everything the templates ask for."""
        title = self.id.replace("_", " ").capitalize()
        return {
            "id": self.id,
            "prefix": self.prefix,
            "title": title,
            "package": f"workbench-line-{self.id.replace('_', '-')}",
            "day": self.day.isoformat(),
            "version": f"{self.day.year}.1",
        } | self._platform_words

    @property
    def _platform_words(self) -> dict[str, str]:
        """What stands in the other files because a department is reached, or because none is."""
        if not self.platform:
            here = 'actor = "社区服务站"\nby = "approver"\nfour_eyes = true'
            hint = (
                '# To send it to a department: deliveries = [{ platform = "department.system", operation = "apply" }]'
            )
            return {"adapters": "", "about_platform": "", "deliveries": hint, "decider": here}
        return {
            "adapters": f'\n[project.entry-points."workbench.adapters"]\n{self.id} = "{self.id}.platforms"\n',
            "about_platform": f"\n- `{self.id}/platforms/cases/`: how the department's system is reached.",
            "deliveries": f'deliveries = [{{ platform = "{self.id}.cases", operation = "apply" }}]',
            "decider": 'actor = "主管部门"\nby = "department"',
        }

    @property
    def files(self) -> dict[str, str]:
        """Template -> where it goes."""
        return FILES | dict(PLATFORM_FILES[self.platform]) if self.platform else FILES


def name_line(name: str, prefix: str, day: date, platform: str = "") -> NewLine:
    """Make a line's id and code prefix out of what was asked for; raises BadName."""
    line_id = re.sub(r"[\s-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]*", line_id):
        raise BadName(
            f"{name!r} cannot be a line's id: use small English letters, digits and _, as in veterans_affairs"
        )
    if not re.fullmatch(r"[A-Z]{2}", prefix):
        raise BadName(f"{prefix!r} cannot be a code prefix: use two capital letters, as in TY")
    return NewLine(line_id, prefix, day, platform)


def suggest_prefix(line_id: str) -> str:
    """Make two capital letters out of an id: the first of its words."""
    words = re.findall(r"[a-z]+", line_id.lower())
    letters = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)
    return (letters + "XX")[:2].upper()


def write_line(line: NewLine, folder: Path) -> list[Path]:
    """Write the package below a folder that must not exist yet; raises FileExistsError."""
    folder.mkdir(parents=True)
    written = []
    for source, target in line.files.items():
        path = folder / Template(target).substitute(line.words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template((TEMPLATES / source).read_text("utf-8")).substitute(line.words), "utf-8")
        written.append(path)
    return written
