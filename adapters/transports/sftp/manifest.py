"""The `.ok` manifest beside each file: it says that the file is whole, and how one can tell."""

import hashlib
from pathlib import PurePosixPath


def ok_name(name: str) -> str:
    """Name the manifest of a file: the file's name with `.ok` for its ending."""
    return PurePosixPath(name).with_suffix(".ok").name


def write_manifest(name: str, content: bytes, rows: int) -> bytes:
    """Describe a file by name, number of rows without the headings, and sha256."""
    digest = hashlib.sha256(content).hexdigest()
    return f"file={name}\nrows={rows}\nsha256={digest}\n".encode("ascii")


def matches(manifest: bytes, name: str, content: bytes) -> bool:
    """Tell whether a file is the one its manifest describes."""
    stated = dict(line.split("=", 1) for line in manifest.decode("ascii", "replace").splitlines() if "=" in line)
    return stated.get("file") == name and stated.get("sha256") == hashlib.sha256(content).hexdigest()
