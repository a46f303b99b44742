"""The two folders on a department's file server: where we put uploads and where replies appear."""

import csv
import io
from collections.abc import Iterable, Mapping
from contextlib import suppress

import paramiko

from workbench.api import BrokenPromise, TryLater

from .manifest import matches, ok_name, write_manifest

#: A reply larger than this is not what the protocol promises.
LARGEST = 2 * 1024 * 1024


def write_rows(rows: list[Mapping[str, str]], charset: str) -> bytes:
    """Write rows as CSV with their headings first."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(charset)


def put_file(session: paramiko.SFTPClient, folder: str, name: str, content: bytes, rows: int) -> None:
    """Put a file, then its manifest; nobody ever sees either half-written. Twice is harmless."""
    _put(session, f"{folder}/{name}", content)
    _put(session, f"{folder}/{ok_name(name)}", write_manifest(name, content, rows))


def _put(session: paramiko.SFTPClient, path: str, content: bytes) -> None:
    partial = f"{path}.part"
    try:
        with session.open(partial, "wb") as file:
            file.write(content)
        if session.stat(partial).st_size != len(content):
            raise TryLater("the file server kept only a part of the file")
    except OSError:
        with suppress(OSError):
            session.remove(partial)
        raise
    session.posix_rename(partial, path)


def exists(session: paramiko.SFTPClient, path: str) -> bool:
    """Tell whether there is a file of this name."""
    try:
        session.stat(path)
    except FileNotFoundError:
        return False
    return True


def whole_files(names: Iterable[str]) -> list[str]:
    """List the files that have their manifest, by name; a file without one is still being written."""
    present = set(names)
    return sorted(name for name in present if name.endswith(".csv") and ok_name(name) in present)


def read_file(session: paramiko.SFTPClient, folder: str, name: str) -> bytes:
    """Read a whole file. Raises BrokenPromise when it is not what its manifest says."""
    content = _read(session, f"{folder}/{name}")
    if not matches(_read(session, f"{folder}/{ok_name(name)}"), name, content):
        raise BrokenPromise(f"{name} is not what its manifest says")
    return content


def _read(session: paramiko.SFTPClient, path: str) -> bytes:
    with session.open(path, "rb") as file:
        content: bytes = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BrokenPromise(f"{path} is larger than {LARGEST} bytes")
    return content
