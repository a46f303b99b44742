"""Field encryption and blind indexes behind one key ring.

Envelope: suite byte | key id length | key id | 12-byte nonce | ciphertext and tag. The place
("table.column") is bound in as associated data, so a value moved to another column cannot be read.
A blind index is 16 bytes under the first index key, and under later ones the key's number before them.
"""

import secrets
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag

from .suites import Key

NONCE = 12
#: Seconds until a running process uses a key that was put on the ring.
FOLLOW = 1.0


class CannotRead(Exception):
    """A sealed value cannot be opened: wrong key, wrong place, or changed bytes."""


@dataclass(frozen=True)
class Held:
    """The keys that are changed while everything runs: all of them open and find, the current ones seal and write."""

    fields: Mapping[str, Key]
    current: str
    indexes: Mapping[str, Key]
    index: str


@dataclass
class KeyRing:
    """All secrets of one installation.

    A ring read from a file follows changes of what it holds, so keys are changed while everything runs. The keys
    of marks (names at platforms, orders, counted failures), of the audit trail and of cookies stay.
    """

    held: Held
    marks: Key
    audit: bytes
    cookie: bytes
    path: Path | None = None
    _stamp: int = 0
    _look_at: float = 0.0

    @property
    def current(self) -> str:
        """Name the key that seals."""
        return self.held.current

    def seal(self, place: str, text: bytes) -> bytes:
        """Encrypt one value for one place."""
        return self._seal(self._now(), place, text, secrets.token_bytes(NONCE))

    def seal_like(self, head: bytes, place: str, text: bytes) -> bytes:
        """Seal a value that was sealed before: to the same bytes, unless another key seals by now.

        `head` is what `head_of` gave of that same value; the nonce is used again for nothing else.
        """
        held, name = self._now(), self.key_of(head)
        if name != held.current or head[0] != held.fields[name].kind:
            return self._seal(held, place, text, secrets.token_bytes(NONCE))
        return self._seal(held, place, text, head[-NONCE:])

    def head_of(self, envelope: bytes) -> bytes:
        """Give what stands before the ciphertext of a sealed value."""
        return envelope[: 2 + envelope[1] + NONCE]

    def unseal(self, place: str, envelope: bytes) -> bytes:
        """Open a sealed value; raises CannotRead."""
        name, start = self.key_of(envelope), 2 + envelope[1]
        if name not in self.held.fields:
            self._follow()
        key = self.held.fields.get(name)
        if key is None or envelope[0] != key.kind:
            raise CannotRead(f"the key {name!r} is not on the ring")
        nonce, body = envelope[start : start + NONCE], envelope[start + NONCE :]
        try:
            return key.unseal(nonce, body, place.encode())
        except InvalidTag:
            raise CannotRead(f"a value of {place} was changed or moved") from None

    def key_of(self, envelope: bytes) -> str:
        """Tell which key sealed a value."""
        return envelope[2 : 2 + envelope[1]].decode("ascii", "replace")

    def blind(self, place: str, text: str) -> bytes:
        """Index a value that is written, so that equal values can be found without being read."""
        held = self._now()
        return _index(held, held.index, _marked(place, text))

    def blinds(self, place: str, text: str) -> list[bytes]:
        """Give every index a value may stand under while keys are changed, the current one first."""
        held, marked = self._now(), _marked(place, text)
        names = sorted(held.indexes, key=lambda name: name != held.index)
        return [_index(held, name, marked) for name in names]

    def mark(self, place: str, text: str) -> bytes:
        """Mark a value for good; nothing that was marked can be found without it: 16 bytes."""
        return self.marks.mark(_marked(place, text))

    def _seal(self, held: Held, place: str, text: bytes, nonce: bytes) -> bytes:
        name, key = held.current.encode(), held.fields[held.current]
        return bytes((key.kind, len(name))) + name + nonce + key.seal(nonce, text, place.encode())

    def _now(self) -> Held:
        if time.monotonic() >= self._look_at:
            self._follow()
        return self.held

    def _follow(self) -> None:
        """Take over what the file holds when it changed."""
        from .key_file import read_keys  # it makes rings

        self._look_at = time.monotonic() + FOLLOW
        if self.path is None or self.path.stat().st_mtime_ns == self._stamp:
            return
        newer = read_keys(self.path)
        self.held, self._stamp = newer.held, newer._stamp


def _marked(place: str, text: str) -> bytes:
    return f"{place}\x1f{unicodedata.normalize('NFKC', text).strip().upper()}".encode()


def _index(held: Held, name: str, marked: bytes) -> bytes:
    return index_head(name) + held.indexes[name].mark(marked)


def index_head(name: str) -> bytes:
    """Give what stands before the indexes an index key makes."""
    number = number_of(name)
    return b"" if number == 1 else bytes((number,))


def number_of(name: str) -> int:
    """Give the number in a key's name."""
    return int(name[1:])
