"""Compiled templates, kept for all applications of a process and for the processes that come after it.

Compiling costs more than drawing a hundred pages. A kept template is code: it is marked with the keys of the
installation, and what carries no such mark is never run.
"""

import hashlib
import hmac
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache
from jinja2 import __version__ as jinja
from jinja2.bccache import Bucket

#: Length of what stands before the code of a kept template.
MARK = 16
_compiled: dict[tuple[str, str], CodeType] = {}


@dataclass
class Shelf:
    """A folder of compiled templates, one inside it for each state of the files they were made from."""

    folder: Path
    #: Marks a text so that nobody without the keys can: 16 bytes.
    mark: Callable[[str], bytes]
    #: Folders of everything that decides how a template is compiled.
    sources: tuple[Path, ...]
    _gave_up: bool = field(default=False, init=False)
    _state: str = field(default="", init=False)

    def __post_init__(self) -> None:
        # At once: a process that still runs while its files are exchanged keeps nothing for the one that comes after.
        self._state = _state_of(self.sources)

    @cached_property
    def current(self) -> Path:
        """The folder of the files as they were when the process began; those of other states are cleared away."""
        place = self.folder / self._state
        with suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            for other in self.folder.iterdir():
                if other != place:
                    shutil.rmtree(other, ignore_errors=True)
        return place

    def find(self, name: str) -> bytes:
        """Give what was kept under a name; empty when there is nothing, or nothing of ours."""
        try:
            content = (self.current / _file_of(name)).read_bytes()
        except OSError:
            return b""
        mark, code = content[:MARK], content[MARK:]
        return code if hmac.compare_digest(mark, self._mark_of(name, code)) else b""

    def keep(self, name: str, code: bytes) -> None:
        """Keep what was compiled; a folder that cannot be written costs time, no more."""
        if self._gave_up:
            return
        try:
            with tempfile.NamedTemporaryFile(dir=self.current, delete=False) as file:
                file.write(self._mark_of(name, code) + code)
            Path(file.name).replace(self.current / _file_of(name))
        except OSError:
            self._gave_up = True

    def _mark_of(self, name: str, code: bytes) -> bytes:
        return self.mark(f"{name}\x1f{hashlib.sha256(code).hexdigest()}")


class CompiledOnce(BytecodeCache):
    """Templates of one language and one mount point, as they were compiled before."""

    def __init__(self, decided: str, shelf: Shelf | None) -> None:
        self._decided = decided
        self._shelf = shelf

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Name a template with what was decided for it."""
        return f"{self._decided}\x1f{name}\x1f{filename}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same source, in this process or in one before."""
        known = _compiled.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.code = known
        elif content := self._shelf.find(bucket.key) if self._shelf else b"":
            bucket.bytecode_from_string(content)
            self._know(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._know(bucket)
        if self._shelf:
            self._shelf.keep(bucket.key, bucket.bytecode_to_string())

    def _know(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            _compiled[bucket.key, bucket.checksum] = bucket.code


def _file_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _state_of(sources: Iterable[Path]) -> str:
    """Name the state of files: each one's place, size and time of change, and who compiles them."""
    state = hashlib.sha256(f"{sys.version}\x1f{jinja}".encode())
    for source in sources:
        for path in sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            stat = path.stat()
            state.update(f"\x1f{path}\x1f{stat.st_size}\x1f{stat.st_mtime_ns}".encode())
    return state.hexdigest()[:32]
