"""What goes into the fields of an application form; pure, and nothing the resident stated is left out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.code_map import read_code_map
from adapters.transports.charset import Spelling
from workbench.api.parcels import Parcel

from .layout import FormField, Layout
from .remarks import write_remarks


@dataclass(frozen=True, slots=True)
class Filling:
    """The form of one parcel: their action, their fields with texts, and which of our keys each shows."""

    action: str
    values: dict[str, str]
    keys: dict[str, str]
    notes: tuple[str, ...] = ()  # what is not sent as it was stated, in words for the worker


def fill_in(parcel: Parcel, layout: Layout, action: str, codes: Path) -> Filling:
    """Translate a parcel to the fields of the form; the rest goes into the remarks.

    Raises Refused for a code the department has no word for.
    """
    stated: dict[str, object] = {"key": parcel.key, "case_no": parcel.case_no} | dict(parcel.values)
    values: dict[str, str] = {}
    keys: dict[str, str] = {}
    for field in layout.fields:
        value = stated.get(field.ours)
        # Only a plain value fits a field; a table under this key goes into the remarks.
        if isinstance(value, str | int | float) and str(value) and field.theirs not in values:
            values[field.theirs] = _translate(field, str(value), codes)
            keys[field.theirs] = field.ours
    values[layout.remarks_field] = "\n".join(write_remarks(parcel, layout, set(keys.values()), codes))
    return Filling(action, values, keys)


def _translate(field: FormField, text: str, codes: Path) -> str:
    if field.codes:
        return read_code_map(codes, field.codes).theirs(text, field.ours)
    # A field of one line takes no line breaks.
    return text.replace("-", "") if field.compact_date else " / ".join(text.split("\n"))


def spell(filling: Filling, layout: Layout, spelling: Spelling) -> Filling:
    """Apply the platform's policy for characters its charset lacks; what was done stands in the remarks and in `notes`.

    "keep" leaves them in: they are sent as numeric references, as a browser would. The
    other policies spell them out or raise Refused.
    """
    labels = {field.theirs: field.label for field in layout.fields} | {layout.remarks_field: "备注"}
    if spelling.policy == "keep":
        values, notes = dict(filling.values), tuple(_kept(filling, labels, spelling))
    else:
        values, notes = _replaced(filling, labels, spelling)
    lines = [values[layout.remarks_field], *(f"生僻字：{note}" for note in notes)]
    values[layout.remarks_field] = "\n".join(line for line in lines if line)
    return replace(filling, values=values, notes=notes)


def _kept(filling: Filling, labels: dict[str, str], spelling: Spelling) -> Iterator[str]:
    for name, text in filling.values.items():
        for character in spelling.lacking(text):
            yield f"{labels[name]}:U+{ord(character):04X}以字符编码填写"


def _replaced(filling: Filling, labels: dict[str, str], spelling: Spelling) -> tuple[dict[str, str], tuple[str, ...]]:
    by_label = {labels[name]: text for name, text in filling.values.items()}
    keys = {labels[name]: key for name, key in filling.keys.items()}
    fitted, note = spelling.fit(by_label, keys)
    return {name: fitted[labels[name]] for name in filling.values}, tuple(note.split(";")) if note else ()
