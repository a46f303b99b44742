"""Builds the parcel of a delivery from a row and its frozen payload, whole or narrow; files are read when asked for."""

from collections.abc import Mapping
from typing import Any

from ..api.errors import BrokenPromise
from ..api.parcels import File, FileReader, Parcel
from ..store.files import FileStore
from .enqueue import digest_of

#: Columns of a delivery that a parcel is made of beside its id; the payload's are `content`, `digest`, `created_at`.
PACKED = (
    "case_no", "item_code", "item_version", "item_title", "operation", "hub_id", "division", "worker_name", "basis",
    "extra",
)  # fmt: skip


class StoredFile(FileReader):
    """Reads one file of the file store."""

    def __init__(self, files: FileStore, digest: str) -> None:
        self._files = files
        self._digest = digest

    def __call__(self) -> bytes:
        return self._files.get(self._digest)


def pack(delivery: Any, payload: Any, files: FileStore) -> Parcel:
    """Build the parcel; raises BrokenPromise when the stored form is not the one that was accepted."""
    content: Mapping[str, Any] = payload.content
    if digest_of(content) != payload.digest:
        raise BrokenPromise("the stored form is not the one that was accepted")
    return Parcel(
        key=delivery.id,
        case_no=delivery.case_no,
        item_code=delivery.item_code,
        item_version=delivery.item_version,
        item_title=delivery.item_title,
        operation=delivery.operation,
        hub_id=delivery.hub_id,
        division=delivery.division,
        accepted_at=payload.created_at,
        worker_name=delivery.worker_name,
        values=values_of(delivery, content),
        files=tuple(_file(entry, files) for entry in content.get("files", ())),
        basis=delivery.basis,
    )


def values_of(delivery: Any, content: Mapping[str, Any]) -> dict[str, object]:
    """Give the form's values with what this operation adds."""
    values = {**content["values"], **(delivery.extra or {})}
    if decide := content.get("decide"):
        values["_decide"] = decide
    return values


def _file(entry: Mapping[str, Any], files: FileStore) -> File:
    return File(
        digest=entry["digest"],
        name=entry["name"],
        media_type=entry["media_type"],
        size=entry["size"],
        material=entry.get("material", ""),
        read=StoredFile(files, entry["digest"]),
    )
