"""Files by content: encrypted, named by the digest of what they hold, written once."""

import hashlib
import os
from pathlib import Path

from .crypto import KeyRing
from .ids import new_id


class FileStore:
    """A folder of sealed files. Several hosts may share it; putting the same bytes twice is one file."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self.folder = folder
        self._keys = keys

    def below(self, name: str) -> "FileStore":
        """Give a part of it that is kept apart."""
        return FileStore(self.folder / name, self._keys)

    def put(self, content: bytes) -> str:
        """Keep some bytes and give their sha256; they are on disk when this returns."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if self._is_there(path):
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{new_id()}")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(self._keys.seal("file", content))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return digest

    def _is_there(self, path: Path) -> bool:
        """Tell whether a file is kept already, and mark it as wanted now, so that nobody takes it away meanwhile."""
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def remove(self, digest: str, unwanted_since: float) -> bool:
        """Take a file away unless somebody wanted it since (seconds of the epoch); tells whether it is gone."""
        path = self._path(digest)
        aside = path.with_name(f".{new_id()}")
        try:
            if path.stat().st_mtime > unwanted_since:
                return False
            path.rename(aside)
        except FileNotFoundError:
            return True
        if aside.stat().st_mtime > unwanted_since:  # put again in the moment between looking and moving
            if not path.exists():
                aside.rename(path)
            return False
        aside.unlink()
        return True

    def get(self, digest: str) -> bytes:
        """Give the bytes of a digest; raises FileNotFoundError."""
        return self._keys.unseal("file", self._path(digest).read_bytes())

    def _path(self, digest: str) -> Path:
        if not (len(digest) == 64 and digest.isalnum()):
            raise FileNotFoundError(digest)
        return self.folder / digest[:2] / digest
