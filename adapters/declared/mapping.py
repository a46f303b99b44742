"""From what we can say to their message, field by field, and from a path to what stands there."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from adapters.code_map import CodeMap, read_code_map
from adapters.transports.parts import LOCAL, form_of, materials_of, text_of
from workbench.api import BrokenPromise, File, Parcel, Refused
from workbench.api.declared import PARCEL, Ask, Declared, MapField

YES = frozenset({"yes", "true", "1", "是", "有", "Y", "y"})
MAX_ATTACHED = 10 * 1024 * 1024


class Maps:
    """The code maps of one platform, each read at its first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "codes"
        self._read: dict[str, CodeMap] = {}

    def __getitem__(self, name: str) -> CodeMap:
        if name not in self._read:
            self._read[name] = read_code_map(self._folder, name)
        return self._read[name]


def facts_of(parcel: Parcel) -> dict[str, object]:
    """Everything a map may say about a parcel: the form by its keys, the parcel's own as `parcel.<name>`."""
    about: dict[str, object] = {f"parcel.{name}": getattr(parcel, name) for name in PARCEL}
    return about | dict(parcel.values)


def told_by(fields: Sequence[MapField]) -> set[str]:
    """Give our keys that a map says."""
    return {field.ours for field in fields if field.ours}


def value_of(field: MapField, facts: Mapping[str, object], maps: Maps) -> Any:
    """Give one value as they want it. Raises Refused for what is missing or cannot be said."""
    if field.text:
        return field.text
    value = facts.get(field.ours)
    if field.required and value in (None, "", []):
        raise Refused(f"“{field.theirs}”必填 / they ask for {field.ours}", code="missing", field=field.ours)
    if field.columns:
        rows = value if isinstance(value, list | tuple) else []
        return [{c.theirs: value_of(c, row, maps) for c in field.columns} for row in rows if isinstance(row, Mapping)]
    if field.codes:
        return maps[field.codes].theirs(value, field.ours)
    if field.write:
        return written(value, field)
    return _of_kind(value, field, facts)


def _of_kind(value: object, field: MapField, facts: Mapping[str, object]) -> Any:
    if field.kind == "raw":
        return plain(value)
    if field.kind == "bool":
        return value in (True, "true", "yes", "1")
    if field.kind == "number":
        return _number(value, field.ours)
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(plain(value), ensure_ascii=False)
    return text_of(facts, field.ours)


def plain(value: object) -> Any:
    """Give a value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _number(value: object, ours: str) -> int | float | None:
    if value in (None, ""):
        return None
    try:
        number = float(str(value))
    except ValueError as error:
        raise Refused("不是数字 / not a number", code="number", field=ours) from error
    return int(number) if number.is_integer() else number


def written(value: object, field: MapField) -> str:
    """Write a day or a time in their pattern; "" when there is none."""
    if value in (None, ""):
        return ""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Refused("日期格式不对 / not a date", code="date", field=field.ours) from error
    return (at.astimezone(LOCAL) if at.tzinfo else at).strftime(field.write)


def message_of(ask: Ask, facts: Mapping[str, object], maps: Maps, place: str = "body") -> dict[str, Any]:
    """Build what stands in one place of a call: body, query, path or header."""
    usual = "query" if ask.method == "GET" else "body"
    message: dict[str, Any] = {}
    for field in ask.map:
        if (field.place or usual) == place:
            put(message, field.theirs, value_of(field, facts, maps))
    return message


def parcel_message(declared: Declared, parcel: Parcel, maps: Maps) -> dict[str, Any]:
    """Build the body that hands a parcel over: the map, the rest of the form, the materials."""
    push = push_of(declared, parcel)
    message = message_of(push, facts_of(parcel), maps)
    if push.rest:
        put(message, push.rest, plain(form_of(parcel.values, told_by(push.map))))
    if push.files:
        put(message, push.files, _materials(parcel, attach=push.attach))
    return message


def push_of(declared: Declared, parcel: Parcel) -> Any:
    """Give the message of a parcel's operation. Raises Refused for what this platform does not take."""
    if declared.items and parcel.item_code not in declared.items:
        raise Refused(f"对方系统不办理 {parcel.item_code} / they do not take this item", code="item")
    if parcel.operation not in declared.push:
        raise Refused(f"对方系统不办理“{parcel.operation}” / they do not take this operation", code="operation")
    return declared.push[parcel.operation]


def _materials(parcel: Parcel, *, attach: bool) -> list[dict[str, str]]:
    listed = materials_of(parcel)
    if not attach:
        return listed
    if sum(file.size for file in parcel.files) > MAX_ATTACHED:
        raise Refused("附件合计超过 10 MiB，请压缩后重新报送", code="attachment")
    return [row | {"content": _bytes_of(file)} for row, file in zip(listed, parcel.files, strict=True)]


def _bytes_of(file: File) -> str:
    if file.read is None:
        raise BrokenPromise("a file of this parcel cannot be read")
    return base64.b64encode(file.read()).decode("ascii")


def put(tree: dict[str, Any], path: str, value: object) -> None:
    """Put a value at a path, making what is missing on the way."""
    *way, last = path.split(".")
    for part in way:
        tree = tree.setdefault(part, {})
    tree[last] = value


def at_path(tree: object, path: str) -> Any:
    """Give what stands at a path; None where nothing does. "" is the whole."""
    for part in path.split(".") if path else ():
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(part)
    return tree


def text_at(tree: object, path: str) -> str:
    """Give the text at a path, "" where there is none. Raises BrokenPromise for a list or an object."""
    value = at_path(tree, path) if path else None
    if value is None:
        return ""
    if isinstance(value, bool | Mapping | list | tuple):
        raise BrokenPromise(f"{path} is not a text")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def yes_at(tree: object, path: str) -> bool:
    """Tell whether a yes stands at a path."""
    value = at_path(tree, path)
    return value is True or str(value) in YES
