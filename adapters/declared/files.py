"""Declared file drops: one row under their headings, replies by name and column."""

import csv
import io
import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from adapters.transports.charset import Spelling
from adapters.transports.parts import form_of, materials_of
from workbench.api import BrokenPromise, Outcome, Parcel, Receipt
from workbench.api.declared import Collect, Declared, FileNames
from workbench.api.manifest import PlatformManifest

from .mapping import Maps, facts_of, push_of, told_by, value_of
from .reading import Reading


class FilesCodec:
    """The codec of one declared platform that takes files."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        self.declared = platform.declared or Declared()
        self.names = self.declared.files or FileNames(upload=f"{platform.id}_{{key}}.csv", replies=())
        self.charset = platform.charset
        self.maps = Maps(folder)
        self.reading = Reading(self.declared, self.maps)
        fields = [field for push in self.declared.push.values() for field in push.map]
        self.FIELDS = {field.theirs: "" if "." in field.ours else field.ours for field in fields}
        self.NOTE = self.names.note
        patterns = [re.escape(name).replace(r"\{key\}", "[0-9A-Za-z]+") for name in self.names.replies]
        self._reply = re.compile("|".join(patterns) or r"(?!)")

    def file_name(self, key: str) -> str:
        """Name the upload of a parcel."""
        return self.names.upload.replace("{key}", key)

    def reply_names(self, key: str) -> tuple[str, ...]:
        """Name the replies to a parcel, earliest first."""
        return tuple(name.replace("{key}", key) for name in self.names.replies)

    def is_reply(self, name: str) -> bool:
        """Tell whether a file is a reply to us."""
        return self._reply.fullmatch(name) is not None

    def encode(self, parcel: Parcel) -> dict[str, str]:
        """Translate a parcel to one row; what has no column goes as JSON into the column of the rest."""
        push = push_of(self.declared, parcel)
        facts = facts_of(parcel)
        row = {field.theirs: _cell(value_of(field, facts, self.maps)) for field in push.map}
        if push.rest:
            row[push.rest] = self._escaped(form_of(parcel.values, self._spelled(parcel, told_by(push.map))))
        if push.files:
            row[push.files] = ";".join(f"{file['material']}:{file['sha256']}" for file in materials_of(parcel))
        row[self.NOTE] = ""
        return row

    def _spelled(self, parcel: Parcel, told: set[str]) -> list[str]:
        """What its column cannot spell is said once more, escaped."""
        spelling = Spelling(self.charset, "keep")
        return [key for key in told if not spelling.lacking(str(parcel.values.get(key, "")))]

    def _escaped(self, extra: dict[str, object]) -> str:
        spelling = Spelling(self.charset, "keep")
        text = json.dumps(extra, ensure_ascii=False, sort_keys=True, default=str) if extra else ""
        return "".join(letter if spelling.holds(letter) else json.dumps(letter)[1:-1] for letter in text)

    def decode_receipt(self, reply: object) -> Receipt:
        """An upload is answered by a file, later."""
        return Receipt("queued")

    def decode_outcomes(self, reply: tuple[str, bytes]) -> tuple[Outcome, ...]:
        """Read one reply file. Raises BrokenPromise for what is not one."""
        name, content = reply
        where = self.declared.collect or Collect()
        try:
            text = content.decode(self.charset)
            rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise BrokenPromise(f"{name} is not a table in {self.charset.upper()}") from error
        if not rows:
            raise BrokenPromise(f"{name} holds no rows")
        return tuple(self._outcome(where, name, number, row, content) for number, row in enumerate(rows, 1))

    def _outcome(self, where: Collect, name: str, number: int, row: Any, content: bytes) -> Outcome:
        outcome = self.reading.outcome(where, row, content)
        fields = {name: getattr(outcome, name) for name in outcome.__slots__}
        return Outcome(**fields | {"message_id": f"{PurePosixPath(name).stem}#{number}"})


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value is not None else ""
