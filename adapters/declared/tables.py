"""Declared exchange tables: columns of our report by name, their answer by column and inside EXTEND."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from adapters.transports.parts import form_of, materials_of
from workbench.api import BrokenPromise, Outcome, Parcel, Receipt
from workbench.api.declared import Collect, Declared
from workbench.api.manifest import PlatformManifest

from .mapping import Maps, facts_of, plain, push_of, text_at, told_by, value_of
from .reading import Reading

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


class TablesCodec:
    """The codec of one declared platform that is reached through a database."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        self.declared = platform.declared or Declared()
        self.maps = Maps(folder)
        self.reading = Reading(self.declared, self.maps)
        self.TABLES = (self.declared.tables.reports, self.declared.tables.answers)
        fields = {field.theirs: field.ours for push in self.declared.push.values() for field in push.map}
        whole = {name: "" for push in self.declared.push.values() for name in (push.rest, push.files) if name}
        self.FIELDS = {theirs: "" if "." in ours else ours for theirs, ours in fields.items()} | whole

    def encode(self, parcel: Parcel) -> dict[str, str]:
        """Translate a parcel to the columns of a report; the rest is JSON with everything outside ASCII escaped."""
        push = push_of(self.declared, parcel)
        facts = facts_of(parcel)
        row = {field.theirs: _cell(value_of(field, facts, self.maps)) for field in push.map}
        if push.rest:
            row[push.rest] = json.dumps(plain(form_of(parcel.values, told_by(push.map))))
        if push.files:
            row[push.files] = json.dumps(materials_of(parcel))
        return row

    def decode_receipt(self, reply: object) -> Receipt:
        """A row is not answered at once."""
        return Receipt("queued")

    def answered_version(self, row: Mapping[str, Any]) -> int | None:
        """Tell which version of our report a row answers; None where it does not say."""
        version = text_at(_opened(row), self._where.version)
        return int(version) if version.isdecimal() else None

    def decode_outcomes(self, row: Mapping[str, Any]) -> tuple[Outcome, ...]:
        """Read one row of theirs. Raises BrokenPromise for a half-written or unknown one."""
        where = self._where
        opened = _opened(row) | {"_number": f"{row['UNID']}:{row['DATAVERSION']}"}
        if not text_at(opened, where.reference):
            raise BrokenPromise("an answer has no number")
        return (self.reading.outcome(where.model_copy(update={"number": "_number"}), opened),)

    @property
    def _where(self) -> Collect:
        return self.declared.collect or Collect()


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value) if value is not None else ""


def _opened(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row with EXTEND opened, be it JSON or XML."""
    text = str(row["EXTEND"] or "").strip()
    if not text:
        return dict(row) | {"EXTEND": {}}
    try:
        extend = json.loads(text) if text.startswith("{") else _xml(text)
    except (ValueError, etree.XMLSyntaxError) as error:
        raise BrokenPromise("an answer is only half there") from error
    return dict(row) | {"EXTEND": extend}


def _xml(text: str) -> dict[str, str]:
    root: Any = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), PARSER)
    return {etree.QName(part).localname: part.text or "" for part in root}
