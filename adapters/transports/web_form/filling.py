"""What goes into the fields of an application form; pure, and nothing the resident stated is left out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.code_map import read_code_map
from adapters.transports.charset import Spelling
from workbench.api.parcels import Parcel

from .layout import FormField, Layout


@dataclass(frozen=True, slots=True)
class Filling:
    """The form of one parcel: their action, their fields with texts, and which of our keys each shows."""

    action: str
    values: dict[str, str]
    keys: dict[str, str]
    notes: tuple[str, ...] = ()  # what is not sent as it was stated, in words for the worker


def fill_in(parcel: Parcel, layout: Layout, action: str, codes: Path) -> Filling:
    """Translate a parcel to the fields of the form; the rest goes into the remarks, one "键：值" a line.

    Raises Refused for a code the department has no word for.
    """
    stated: dict[str, object] = {"key": parcel.key, "case_no": parcel.case_no} | dict(parcel.values)
    values: dict[str, str] = {}
    keys: dict[str, str] = {}
    for field in layout.fields:
        text = write_text(stated.get(field.ours))
        if text and field.theirs not in values:
            values[field.theirs] = _translate(field, text, codes)
            keys[field.theirs] = field.ours
    values[layout.remarks_field] = "\n".join(_remarks(parcel, layout, set(keys.values())))
    return Filling(action, values, keys)


def _translate(field: FormField, text: str, codes: Path) -> str:
    if field.codes:
        return read_code_map(codes, field.codes).theirs(text, field.ours)
    return text.replace("-", "") if field.compact_date else text


def _remarks(parcel: Parcel, layout: Layout, shown: set[str]) -> Iterator[str]:
    for key, value in parcel.values.items():
        text = write_text(value)
        if text and key not in shown:
            yield f"{layout.labels.get(key, key)}：{text}"
    for number, file in enumerate(parcel.files, 1):
        yield f"附件{number}：{file.name}"
    if parcel.basis:
        yield f"办理依据：{parcel.basis}"


def write_text(value: object) -> str:
    """Write one value on one line: tables and line breaks as JSON, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if text and "\n" not in text else json.dumps(value, ensure_ascii=False, default=str) if value else ""


def spell(filling: Filling, layout: Layout, spelling: Spelling) -> Filling:
    """Apply the platform's policy for characters its charset lacks; what was done stands in the remarks and in `notes`.

    "keep" leaves them in: they are sent as numeric references, as a browser would. The
    other policies spell them out or raise Refused.
    """
    if spelling.policy == "keep":
        values, notes = dict(filling.values), tuple(_kept(filling, spelling))
    else:
        values, note = spelling.fit(filling.values, filling.keys)
        notes = tuple(note.split(";")) if note else ()
    lines = [values[layout.remarks_field], *(f"生僻字：{note}" for note in notes)]
    values[layout.remarks_field] = "\n".join(line for line in lines if line)
    return replace(filling, values=values, notes=notes)


def _kept(filling: Filling, spelling: Spelling) -> Iterator[str]:
    for name, text in filling.values.items():
        for character in spelling.lacking(text):
            yield f"{name}:U+{ord(character):04X}以字符编码填写"
