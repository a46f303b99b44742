"""Copies of lines: what names exactly these files, a copy that can be kept, and a copy that stands in for the package.

A package is installed once; the version in use may be another one, which is then imported from its copy.
"""

import hashlib
import importlib
import io
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: A fixed time, so that the same files are the same copy.
TIME = (2026, 1, 1, 0, 0, 0)
#: Package -> the folder its copy was put before; what is imported once stays.
_standing: dict[str, str] = {}


@dataclass(frozen=True)
class InUse:
    """The version of a line this installation uses; `unpack` gives the folder of its copy, or None where it is lost."""

    line_id: str
    package: str
    version: str
    digest: str
    unpack: Callable[[], Path | None]


def digest_of(folder: Path) -> str:
    """Name exactly the files of a line, whatever Python put beside them."""
    whole = hashlib.sha256()
    for name, path in _files(folder):
        content = path.read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


def pack(folder: Path) -> bytes:
    """Put the files of a line into one archive; the same files give the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in _files(folder):
            archive.writestr(zipfile.ZipInfo(name, TIME), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Write an archive over a folder, which becomes whole at once; raises ValueError for names that lead out of it."""
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not (partial / name).resolve().is_relative_to(partial.resolve()):
                raise ValueError(name)
        archive.extractall(partial)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        partial.replace(folder)
    except OSError:  # another process was first
        shutil.rmtree(partial, ignore_errors=True)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    named = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    for name in sorted(named, key=lambda name: name.parts):
        if not any(part == "__pycache__" or part.startswith(".") for part in name.parts):
            yield name.as_posix(), named[name]


def stand_in(package: str, folder: Path) -> None:
    """Let a package be imported from a copy, whose folder bears its last name; what is imported already stays."""
    stand_down(package)
    parent, _, name = package.rpartition(".")
    if folder.name != name:
        raise ImportError(f"{folder.name} cannot stand in for {package}")
    root = str(folder.parent)
    _put_first(parent, root)
    _standing[package] = root
    if package in sys.modules:
        sys.modules[package].__path__ = [str(folder)]
    importlib.invalidate_caches()


def stand_down(package: str) -> None:
    """Let a package be imported from where it is installed again."""
    root = _standing.pop(package, None)
    if root is None:
        return
    places = _places(package.rpartition(".")[0])
    if root in places:
        places.remove(root)
    importlib.invalidate_caches()


def _put_first(parent: str, root: str) -> None:
    if parent:
        module = importlib.import_module(parent)
        module.__path__ = [root, *module.__path__]
    else:
        sys.path.insert(0, root)


def _places(parent: str) -> list[str]:
    if not parent:
        return sys.path
    module = importlib.import_module(parent)
    module.__path__ = list(module.__path__)
    return module.__path__
