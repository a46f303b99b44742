"""A declared department that takes files: fetches whole uploads, answers in files with the declared headings."""

import csv
import hashlib
import io
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .. import file_server
from ..department import DepartmentHome, Entry
from .shape import WORDS, Shape

FAULTS = file_server.FAULTS | {
    "never_fetch": "uploads stay where they are",
    "no_result": "uploads are taken, no reply is written",
    "half_file": "replies stop in the middle and have no manifest yet",
    "garbage": "replies hold bytes that are no table",
    "odd_dates": 'times of replies are "1970-1-2 0.0.0.0"',
    "unknown_code": "replies hold a state its protocol does not list",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}
ACCOUNT = ("hub01", "pretend-only")


class Office:
    """The folders up (theirs to fetch), down (replies) and done (what they fetched)."""

    def __init__(self, home: DepartmentHome, shape: Shape) -> None:
        self.home = home
        self.shape = shape
        root = home.folder / "exchange"
        known = {setting.key: setting.default for setting in shape.platform.settings}
        names = (known.get("upload_folder") or "up", known.get("reply_folder") or "down", "done")
        self.up, self.down, self.done = (root / name for name in names)
        for folder in (self.up, self.down, self.done):
            folder.mkdir(parents=True, exist_ok=True)
        #: Matters without a final reply, by parcel key.
        self.open = {entry.key for entry in home.entries()}

    def process(self) -> None:
        """Take whole uploads, then answer what was taken and what was decided. Safe to repeat."""
        waiting = sorted(self.up.glob("*.ok"))
        faults = self.home.faults()  # after the look: a switch turned before an upload came holds for it
        for manifest in waiting:
            upload = manifest.with_suffix(".csv")
            if not faults.get("never_fetch") and self._is_whole(upload, manifest):
                self._fetch(upload, manifest)
        if not faults.get("no_result"):
            self.home.decide_due()
            for key in list(self.open):
                self._reply(key)

    def _is_whole(self, upload: Path, manifest: Path) -> bool:
        if not upload.exists():
            return False
        stated = dict(line.split("=", 1) for line in manifest.read_text("ascii").splitlines())
        return stated["sha256"] == hashlib.sha256(upload.read_bytes()).hexdigest()

    def _fetch(self, upload: Path, manifest: Path) -> None:
        text = upload.read_bytes().decode(self.shape.platform.charset)
        columns = {field.ours: field.theirs for field in self.shape.fields if field.ours}
        for row in csv.DictReader(io.StringIO(text, newline="")):
            key = row.get(columns.get("parcel.key", "")) or self._key_of(upload.name)
            case_no = row.get(columns.get("parcel.case_no", "")) or key
            wrong = self.shape.wrong_field(self.shape.fields, row)
            if wrong:
                self._write(Entry(key, case_no, "", "apply", "correction", 0, 0, row), "correction", wrong.theirs)
            else:
                self.home.take(key, case_no, "apply", row, prefix=self.shape.declared.prefix)
                self.open.add(key)
        # The manifest goes first: a crash in between leaves a file without one, which is then simply re-sent.
        manifest.rename(self.done / manifest.name)
        upload.rename(self.done / upload.name)

    def _key_of(self, name: str) -> str:
        files = self.shape.declared.files
        before, _, after = (files.upload if files else "{key}.csv").partition("{key}")
        return name.removeprefix(before).removesuffix(after)

    def _reply(self, key: str) -> None:
        entry = self.home.find(key)
        if entry is None:
            return
        self._write(entry, "accepted", "")
        if entry.status != "accepted":
            field = self.shape.field_to_correct() if entry.status == "correction" else ""
            if self._write(entry, entry.status, field):
                self.open.discard(key)

    def _write(self, entry: Entry, state: str, field: str) -> bool:
        """Write one reply; the first name is for what was taken, the last for what was decided. True once whole."""
        files = self.shape.declared.files
        names = files.replies if files else ()
        reply = self.down / names[0 if state == "accepted" else -1].replace("{key}", entry.key)
        manifest, faults = reply.with_suffix(".ok"), self.home.faults()
        if manifest.exists():
            return True
        content = self._table(entry, state, field)
        reply.write_bytes(content[: len(content) // 2] if faults.get("half_file") else content)
        if faults.get("half_file"):
            return False
        partial = manifest.with_suffix(".ok.tmp")
        partial.write_text(f"file={reply.name}\nrows=1\nsha256={hashlib.sha256(content).hexdigest()}\n")
        partial.rename(manifest)
        return True

    def _table(self, entry: Entry, state: str, field: str) -> bytes:
        faults, where = self.home.faults(), self.shape.declared.collect
        if faults.get("garbage") or where is None:
            return b"\xff\xfe\x00garbage\x00"
        now = datetime.now(ZoneInfo("Asia/Shanghai"))
        at = "1970-1-2 0.0.0.0" if faults.get("odd_dates") else now.strftime(self.shape.declared.times)
        said: dict[str, Any] = {
            where.key: entry.key,
            where.reference: entry.reference,
            where.status: "??" if faults.get("unknown_code") else self.shape.status(state),
            where.text: WORDS[state],
            where.field: field,
            where.at: at,
        }
        said.pop("", None)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(said))
        writer.writeheader()
        writer.writerow(said)
        return text.getvalue().encode(self.shape.platform.charset)


def serve(home: DepartmentHome, shape: Shape) -> None:
    """Serve files and process them until the process is ended."""
    file_server.serve_files(home, ACCOUNT, Office(home, shape).process, lambda known: shape.settings(home, known))
