"""Parts every message has, whatever its shape: the rest of the form, the materials, the proof, local times."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workbench.api import BrokenPromise, Parcel

LOCAL = ZoneInfo("Asia/Shanghai")
COMPACT = "%Y%m%d%H%M%S"


def form_of(values: Mapping[str, object], told: Iterable[str]) -> dict[str, object]:
    """Give what the message does not say elsewhere, so that nothing stated is lost.

    Keys that begin with an underscore are directions to the codec, not statements.
    """
    known = set(told)
    return {key: value for key, value in values.items() if key not in known and not key.startswith("_")}


def text_of(values: Mapping[str, object], key: str) -> str:
    """Give a value as text; absent is empty, yes and no are "true" and "false"."""
    value = values.get(key)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def materials_of(parcel: Parcel) -> list[dict[str, str]]:
    """List the files of a parcel by name and content, without their bytes."""
    return [
        {
            "material": file.material,
            "name": file.name,
            "type": file.media_type,
            "size": str(file.size),
            "sha256": file.digest,
        }
        for file in parcel.files
    ]


def proof_of(said: Any) -> bytes:
    """Write down as JSON what was read out of an answer; half a character, which has no bytes, is spelt."""
    return json.dumps(said, ensure_ascii=False, default=str).encode(errors="backslashreplace")


def write_local(at: datetime, pattern: str = COMPACT) -> str:
    """Write a UTC time as the department's wall clock."""
    return at.astimezone(LOCAL).strftime(pattern)


def read_local(text: str, pattern: str = COMPACT) -> datetime | None:
    """Read the department's wall clock as UTC; "" is no time."""
    if not text:
        return None
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=LOCAL).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the latter beside the first and the last year
        raise BrokenPromise("a time is not written as agreed") from error


def read_iso(text: str) -> datetime | None:
    """Read an ISO time with its offset as UTC; "" is no time."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the latter beside the first and the last year
        raise BrokenPromise("a time is not written as agreed") from error
