"""Field encryption and blind indexes behind one key ring.

Envelope: version byte | key id length | key id | 12-byte nonce | ciphertext and tag. The place
("table.column") is bound in as associated data, so a value moved to another column cannot be read.
"""

import hashlib
import hmac
import os
import secrets
import time
import tomllib
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES, SM4 = 1, 2
TAG = 16
#: Seconds until a running process uses a key that was put on the ring.
FOLLOW = 1.0


class CannotRead(Exception):
    """A sealed value cannot be opened: wrong key, wrong place, or changed bytes."""


@dataclass
class KeyRing:
    """All secrets of one installation. Old field keys stay readable; `current` seals.

    A ring read from a file follows changes of its field keys, so keys are changed while everything runs.
    """

    fields: Mapping[str, bytes]
    current: str
    index: bytes
    audit: bytes
    cookie: bytes
    suite: str = "aes"  # or "sm4"
    path: Path | None = None
    _stamp: int = 0
    _look_at: float = 0.0

    def seal(self, place: str, text: bytes) -> bytes:
        """Encrypt one value for one place."""
        if time.monotonic() >= self._look_at:
            self._follow()
        nonce = secrets.token_bytes(12)
        key = self.fields[self.current]
        kind = SM4 if self.suite == "sm4" else AES
        body = _seal(kind, key, nonce, text, place.encode())
        name = self.current.encode()
        return bytes((kind, len(name))) + name + nonce + body

    def unseal(self, place: str, envelope: bytes) -> bytes:
        """Open a sealed value; raises CannotRead."""
        kind, length = envelope[0], envelope[1]
        name = envelope[2 : 2 + length].decode("ascii", "replace")
        nonce, body = envelope[2 + length : 14 + length], envelope[14 + length :]
        if name not in self.fields:
            self._follow()
        if name not in self.fields:
            raise CannotRead(f"the key {name!r} is not on the ring")
        try:
            return _unseal(kind, self.fields[name], nonce, body, place.encode())
        except InvalidTag:
            raise CannotRead(f"a value of {place} was changed or moved") from None

    def key_of(self, envelope: bytes) -> str:
        """Tell which key sealed a value."""
        return envelope[2 : 2 + envelope[1]].decode("ascii", "replace")

    def blind(self, place: str, text: str) -> bytes:
        """Index a value so that equal values can be found without being read: 16 bytes."""
        plain = unicodedata.normalize("NFKC", text).strip().upper()
        return hmac.digest(self.index, f"{place}\x1f{plain}".encode(), hashlib.sha256)[:16]

    def _follow(self) -> None:
        """Take over the field keys of the file when it changed."""
        self._look_at = time.monotonic() + FOLLOW
        if self.path is None or self.path.stat().st_mtime_ns == self._stamp:
            return
        newer = read_keys(self.path)
        self.fields, self.current, self._stamp = newer.fields, newer.current, newer._stamp


def _seal(kind: int, key: bytes, nonce: bytes, text: bytes, place: bytes) -> bytes:
    if kind == AES:
        return AESGCM(key).encrypt(nonce, text, place)
    sealer = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(place)
    return sealer.update(text) + sealer.finalize() + sealer.tag


def _unseal(kind: int, key: bytes, nonce: bytes, body: bytes, place: bytes) -> bytes:
    if kind == AES:
        return AESGCM(key).decrypt(nonce, body, place)
    opener = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, body[-TAG:])).decryptor()
    opener.authenticate_additional_data(place)
    return opener.update(body[:-TAG]) + opener.finalize()


def make_keys(path: Path) -> KeyRing:
    """Write a new key file readable by its owner only, unless one stands there, and read it."""
    if not path.exists():
        partial = _write(KeyRing({"k1": new_key()}, "k1", new_key(), new_key(), new_key()), path)
        # Several processes of a new installation may be here at once: the first one's keys count.
        with suppress(FileExistsError):
            path.hardlink_to(partial)
        partial.unlink()
    return read_keys(path)


def new_key() -> bytes:
    """Make a key."""
    return secrets.token_bytes(32)


def read_keys(path: Path) -> KeyRing:
    """Read a key file; raises PermissionError when others may read it."""
    state = path.stat()
    if state.st_mode & 0o077:
        raise PermissionError(f"{path} may be read by others; run: chmod 600 {path}")
    data = tomllib.loads(path.read_text("ascii"))
    return KeyRing(
        fields={name: bytes.fromhex(value) for name, value in data["fields"].items()},
        current=data["current"],
        index=bytes.fromhex(data["index"]),
        audit=bytes.fromhex(data["audit"]),
        cookie=bytes.fromhex(data["cookie"]),
        suite=data.get("suite", "aes"),
        path=path,
        _stamp=state.st_mtime_ns,
    )


def save_keys(ring: KeyRing, path: Path) -> None:
    """Replace a key file at once; running processes take the field keys over within a second."""
    _write(ring, path).replace(path)


def _write(ring: KeyRing, path: Path) -> Path:
    """Write a ring beside where it will stand, whole and on disk."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_as_text(ring))
        file.flush()
        os.fsync(file.fileno())
    return partial


def _as_text(ring: KeyRing) -> str:
    lines = [f'current = "{ring.current}"', f'suite = "{ring.suite}"']
    lines += [f'{name} = "{getattr(ring, name).hex()}"' for name in ("index", "audit", "cookie")]
    lines += ["", "[fields]", *(f'{name} = "{key.hex()}"' for name, key in ring.fields.items()), ""]
    return "\n".join(lines)
