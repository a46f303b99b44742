"""The adapter for file drops: what the delivery room asks, in terms of files in two folders."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from workbench.api import (
    AdapterError,
    Batch,
    BrokenPromise,
    Capability,
    Health,
    NeedsSettings,
    Outcome,
    Parcel,
    Question,
    Receipt,
    Task,
)
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Answer

from ..charset import Spelling
from .codec import FileCodec
from .connection import Connection, read_number
from .folders import exists, put_file, read_file, whole_files, write_rows
from .manifest import ok_name

#: Replies read in one collect; the rest comes with the next.
AT_ONCE = 100
#: Never part of a file name, so it parts the names in a cursor.
MARK = "/"


def make_adapter(platform: PlatformManifest, settings: Mapping[str, Any], codec: FileCodec) -> "SftpAdapter":
    """Build the adapter of one platform that takes files."""
    return SftpAdapter(platform, settings, codec)


class SftpAdapter:
    """Uploads one file per parcel and reads the replies; sees the folders, never moves or deletes in them."""

    def __init__(self, platform: PlatformManifest, settings: Mapping[str, Any], codec: FileCodec) -> None:
        self.capabilities = frozenset(Capability(name) for name in platform.capabilities)
        self.platform = platform
        defaults = {setting.key: setting.default for setting in platform.settings if setting.default}
        self.settings = defaults | {key: value for key, value in settings.items() if value not in ("", None)}
        self.codec = codec
        self.spelling = Spelling(platform.charset, platform.rare_characters)
        self.connection = Connection(self.settings, platform.limits.timeout_seconds)

    def _missing(self) -> str:
        required = [setting.key for setting in self.platform.settings if setting.required]
        missing = [key for key in required if key not in self.settings]
        if not {"password", "private_key"} & self.settings.keys():
            missing.append("password / private_key")
        return ", ".join(missing)

    def _require_settings(self) -> None:
        if missing := self._missing():
            raise NeedsSettings(f"settings missing: {missing}")

    def check(self) -> Health:
        """List the folders; uploads nobody fetched for `stale_minutes` make it degraded."""
        began, now = time.monotonic(), datetime.now(UTC)
        if missing := self._missing():
            return Health("unconfigured", f"settings missing: {missing}", at=now)
        try:
            waiting, detail = self._waiting(now), ""
        except AdapterError as error:
            return Health("down", error.text, _ms(began), now)
        if waiting:
            detail = f"{waiting} uploads not fetched for {self.settings['stale_minutes']} minutes"
        return Health("degraded" if waiting else "up", detail, _ms(began), now)

    def _waiting(self, now: datetime) -> int:
        oldest = now.timestamp() - 60 * read_number(self.settings, "stale_minutes")
        with self.connection.session() as session:
            session.listdir(self.settings["reply_folder"])
            uploads = session.listdir_attr(self.settings["upload_folder"])
        return sum(file.filename.endswith(".ok") and (file.st_mtime or 0) < oldest for file in uploads)

    def push(self, parcel: Parcel) -> Receipt:
        """Upload the file of one parcel; its number comes with the reply. A name seen before is not sent again."""
        self._require_settings()
        row, note = self.spelling.fit(self.codec.encode(parcel), self.codec.FIELDS)
        row[self.codec.NOTE] = note
        content = write_rows([row], self.platform.charset)
        if found := self.find(parcel.key):
            # Without a number yet it is no more than queued, however often it was sent.
            return replace(found, state="duplicate") if found.reference else found
        with self.connection.session() as session:
            put_file(session, self.settings["upload_folder"], self.codec.file_name(parcel.key), content, rows=1)
        return Receipt("queued", at=datetime.now(UTC))

    def find(self, key: str) -> Receipt | None:
        """Look for a reply to this parcel, then for its upload. An upload without manifest was not taken."""
        self._require_settings()
        upload = f"{self.settings['upload_folder']}/{ok_name(self.codec.file_name(key))}"
        with self.connection.session() as session:
            waits = exists(session, upload)
            replies = [name for name in self.codec.reply_names(key) if self._is_whole(session, name)]
            for name in reversed(replies):
                content = read_file(session, self.settings["reply_folder"], name)
                return self._receipt(key, name, content)
        return Receipt("queued", at=datetime.now(UTC)) if waits else None

    def _is_whole(self, session: Any, name: str) -> bool:
        return exists(session, f"{self.settings['reply_folder']}/{ok_name(name)}")

    def _receipt(self, key: str, name: str, content: bytes) -> Receipt:
        outcomes = [outcome for outcome in self.codec.decode_outcomes((name, content)) if outcome.key == key]
        reference = next((outcome.reference for outcome in outcomes if outcome.reference), "")
        at = next((outcome.at for outcome in outcomes if outcome.at), None)
        return Receipt("accepted" if reference else "queued", reference, at, content)

    def collect(self, cursor: str) -> Batch:
        """Read the replies whose names the cursor does not hold.

        The cursor holds names, not times: a file that shows up late is still read. A reply
        that cannot be read is not passed over; it is complained of once nothing else waits.
        """
        self._require_settings()
        with self.connection.session() as session:
            names = session.listdir(self.settings["reply_folder"])
            replies = [name for name in whole_files(names) if self.codec.is_reply(name)]
            known = set(cursor.split(MARK)) & set(replies)
            fresh = [name for name in replies if name not in known]
            outcomes, read, broken = self._read_replies(session, fresh[:AT_ONCE])
        if broken and not read:
            raise broken[0]
        return Batch(tuple(outcomes), MARK.join(sorted(known | read)), more=len(fresh) > AT_ONCE)

    def _read_replies(self, session: Any, names: Iterable[str]) -> tuple[list[Outcome], set[str], list[BrokenPromise]]:
        outcomes: list[Outcome] = []
        read: set[str] = set()
        broken: list[BrokenPromise] = []
        for name in names:
            try:
                content = read_file(session, self.settings["reply_folder"], name)
                outcomes += self.codec.decode_outcomes((name, content))
            except BrokenPromise as error:
                broken.append(error)
            else:
                read.add(name)
        return outcomes, read, broken

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        """Files answer no questions."""
        return ()

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        """Files assign no tasks."""
        return ()

    def close(self) -> None:
        """Let go of the connection. Safe to call twice."""
        self.connection.close()


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
