"""keys.toml: the ring of an installation as a file that only its owner may read, replaced whole or not at all."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .crypto import Held, KeyRing
from .suites import SUITES, Key, Suite

OLD_SUITES: Mapping[str, Suite] = {"aes": "aes", "sm4": "sm"}


def make_keys(path: Path, suite: Suite = "aes") -> KeyRing:
    """Write a new key file readable by its owner only, unless one stands there, and read it."""
    if not path.exists():
        partial = _write(_new_ring(suite), path)
        # Several processes of a new installation may be here at once: the first one's keys count.
        with suppress(FileExistsError):
            path.hardlink_to(partial)
        partial.unlink()
    return read_keys(path)


def _new_ring(suite: Suite) -> KeyRing:
    held = Held({"k1": new_key(suite)}, "k1", {"i1": new_key(suite)}, "i1")
    return KeyRing(held, new_key(suite), secrets.token_bytes(32), secrets.token_bytes(32))


def new_key(suite: Suite) -> Key:
    """Make a key."""
    return Key(suite, secrets.token_bytes(32))


def read_keys(path: Path) -> KeyRing:
    """Read a key file; raises PermissionError when others may read it."""
    state = path.stat()
    if state.st_mode & 0o077:
        raise PermissionError(f"{path} may be read by others; run: chmod 600 {path}")
    data = tomllib.loads(path.read_text("ascii"))
    suite = OLD_SUITES[data.get("suite", "aes")]
    # Files of before index keys had names: one key made both indexes and marks.
    indexes = data.get("indexes") or {"i1": data["index"]}
    held = Held(
        _read_all(data["fields"], suite), data["current"], _read_all(indexes, "aes"), data.get("current_index", "i1")
    )
    return KeyRing(
        held=held,
        marks=_read(data.get("marks") or data["index"], "aes"),
        audit=bytes.fromhex(data["audit"]),
        cookie=bytes.fromhex(data["cookie"]),
        path=path,
        _stamp=state.st_mtime_ns,
    )


def _read_all(texts: Mapping[str, str], suite: Suite) -> dict[str, Key]:
    return {name: _read(text, suite) for name, text in texts.items()}


def _read(text: str, suite: Suite) -> Key:
    named, _, secret = text.rpartition(":")
    for known in SUITES:
        if named in (known, ""):
            return Key(known if named else suite, bytes.fromhex(secret))
    raise ValueError(f"{named!r} is no suite of keys")


def save_keys(ring: KeyRing, path: Path) -> None:
    """Replace a key file at once; running processes take over what it holds within a second."""
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
    held = ring.held
    values: dict[str, Any] = {
        "current": held.current,
        "current_index": held.index,
        "marks": _say(ring.marks),
        "audit": ring.audit.hex(),
        "cookie": ring.cookie.hex(),
    }
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    for table, keys in (("fields", held.fields), ("indexes", held.indexes)):
        lines += ["", f"[{table}]", *(f'{name} = "{_say(key)}"' for name, key in keys.items())]
    return "\n".join([*lines, ""])


def _say(key: Key) -> str:
    return f"{key.suite}:{key.secret.hex()}"
