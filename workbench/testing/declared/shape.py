"""A platform.toml as the department itself would read it: its codes, its words, its secrets."""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ...api.declared import Declared, MapField
from ...api.manifest import PlatformManifest
from ..department import DepartmentHome
from ..http_department import keep_secret

WORDS = {
    "accepted": "已接收",
    "granted": "准予办理",
    "refused": "不符合办理条件",
    "correction": "内容有误，请补正后重报",
}


@dataclass(frozen=True)
class Shape:
    """One declared platform from the other side."""

    platform: PlatformManifest
    folder: Path
    _codes: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    @property
    def declared(self) -> Declared:
        return self.platform.declared or Declared()

    @cached_property
    def fields(self) -> list[MapField]:
        """Every field of every message that hands a parcel over."""
        return [field for push in self.declared.push.values() for field in push.map]

    def rows(self, name: str) -> list[dict[str, str]]:
        """Read a code table."""
        if name not in self._codes:
            with (self.folder / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
                self._codes[name] = list(csv.DictReader(lines))
        return self._codes[name]

    def status(self, state: str) -> str:
        """Give their code for a state of the books; the nearest one where they have none of that name."""
        name = self.declared.collect.statuses if self.declared.collect else "status"
        known = {row["ours"]: row["theirs"] for row in reversed(self.rows(name))}
        for candidate in (state, {"correction": "rejected", "refused": "rejected"}.get(state, "progress")):
            if candidate in known:
                return known[candidate]
        return next(iter(known.values()))

    def code_for(self, recovery: str) -> str:
        """Give a code of the error table that asks for this recovery; one never agreed where there is none."""
        return next((code for code, what in self.declared.errors.items() if what == recovery), "E_UNLISTED")

    def wrong_field(self, fields: Iterable[MapField], said: Mapping[str, Any]) -> MapField | None:
        """Find the first field without which, or with whose code, a matter cannot be taken."""
        for one in fields:
            value = said.get(one.theirs)
            if one.required and value in (None, "", []):
                return one
            if one.codes and value and str(value) not in {row["theirs"] for row in self.rows(one.codes)}:
                return one
        return None

    def field_to_correct(self) -> str:
        """Name the field a correction is about: the telephone where there is one."""
        named = {one.ours: one.theirs for one in self.fields if one.ours and "." not in one.ours}
        return named.get("phone") or next(iter(named.values()), "")

    def settings(self, home: DepartmentHome, known: Mapping[str, Any]) -> dict[str, Any]:
        """Give what a caller needs: addresses as known, secrets of this department, defaults, and made-up names."""
        given: dict[str, Any] = {}
        for setting in self.platform.settings:
            if setting.key in known:
                given[setting.key] = known[setting.key]
            elif setting.type == "secret" and setting.required:
                given[setting.key] = keep_secret(home, setting.key)
            elif setting.default or not setting.required:
                given[setting.key] = setting.default
            elif setting.type == "number":
                given[setting.key] = "1"
            else:
                given[setting.key] = f"HUB01-{setting.key}"
        return {key: value for key, value in given.items() if value != ""}


def read_shape(folder: Path) -> Shape:
    """Read the platform of a folder. Raises ValueError for one that declares nothing."""
    platform = PlatformManifest.model_validate(tomllib.loads((folder / "platform.toml").read_text("utf-8")))
    if platform.declared is None:
        raise ValueError(f"{platform.id} declares nothing; its pretend department is a program of its own")
    return Shape(platform, folder)


def put(tree: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Put a value at a path of names; "" puts nothing."""
    if path:
        *way, last = path.split(".")
        place = tree
        for name in way:
            place = place.setdefault(name, {})
        place[last] = value
    return tree


def look(tree: Any, path: str) -> Any:
    """Give what stands at a path of names, or nothing."""
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
