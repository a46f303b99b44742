"""Assisted re-keying: a person types the case into the department's own screen.

`push` hands the case to a person at once and sends nothing. `sheet` gives the values in
the order of the target screen, translated; the re-keying screen of the workbench shows it
and the person enters the department's number there. Nothing can be asked or collected.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx2

from adapters.code_map import read_code_map
from workbench.api.adapter import Capability
from workbench.api.errors import NeedsSettings, OutcomeUnknown, Refused
from workbench.api.manifest import PlatformManifest, RekeyField
from workbench.api.parcels import Answer, Batch, Health, Parcel, Question, Receipt, Task

from .parts import proof_of

#: A field of the sheet with this key takes every value no other field shows, one "key：value" a line.
OTHER_VALUES = "other_values"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One field of the target screen, in its order."""

    label_zh: str
    label_en: str
    page: str  # which screen of theirs
    value: str  # as the resident stated it, our code
    theirs: str  # what to type or choose there; empty = no translation is known, the person decides
    fact: str  # key in parcel.values, or a property of the parcel such as case_no


class RekeyCodec(Protocol):
    """What a re-keying platform's codec module offers besides its folder of code maps."""

    #: Item code -> keys without which the target screen cannot be completed.
    REQUIRED: Mapping[str, frozenset[str]]
    __file__: str


def sheet(platform: PlatformManifest, parcel: Parcel, codes: Path) -> tuple[SheetRow, ...]:
    """Lay the parcel out in the order of the target screen; pure but for reading code maps below `codes`."""
    values = _shown_values(platform, parcel)
    return tuple(_row(field, values.get(field.fact), codes) for field in platform.rekey_fields)


def _shown_values(platform: PlatformManifest, parcel: Parcel) -> dict[str, object]:
    about = {
        "case_no": parcel.case_no,
        "item_code": parcel.item_code,
        "item_title": parcel.item_title,
        "accepted_at": parcel.accepted_at.date().isoformat(),
        "worker_name": parcel.worker_name,
    }
    shown = {field.fact for field in platform.rekey_fields}
    other = [f"{key}：{_text(value)}" for key, value in parcel.values.items() if key not in shown and _text(value)]
    return about | dict(parcel.values) | {OTHER_VALUES: "\n".join(other)}


def _row(field: RekeyField, value: object, codes: Path) -> SheetRow:
    text = theirs = _text(value)
    if field.codes and text:
        code_map = read_code_map(codes, field.codes)
        theirs = code_map.names.get(code_map.by_ours.get(text, ""), "")
    return SheetRow(field.label_zh, field.label_en, field.page, text, theirs, field.fact)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


class RekeyAdapter:
    """Hands parcels to a person; also offers `sheet(parcel)`, which the re-keying screen shows."""

    capabilities = frozenset({Capability.PUSH})

    def __init__(self, platform: PlatformManifest, settings: Mapping[str, Any], codec: RekeyCodec) -> None:
        self.platform = platform
        self.base_url = str(settings.get("base_url") or "")
        self.codec = codec
        self.codes = Path(codec.__file__).parent / "codes"

    @property
    def _is_without_address(self) -> bool:
        """Paper goes to no address, and some screens every worker opens on their own."""
        return not self.base_url and not any(one.key == "base_url" and one.required for one in self.platform.settings)

    def sheet(self, parcel: Parcel) -> tuple[SheetRow, ...]:
        """Give the fields in the order of the target screen, with the raw and the translated value."""
        return sheet(self.platform, parcel, self.codes)

    def check(self) -> Health:
        """Say whether the target screen answers from here.

        A screen out of reach is "degraded", not "down": handing over goes on, and the
        worker's own desk may well reach a network zone that this machine does not.
        """
        at = datetime.now(UTC)
        if self._is_without_address:
            return Health("up", "taken over by people", at=at)
        if not self.base_url:
            return Health("unconfigured", "base_url is missing", at=at)
        started = time.monotonic()
        try:
            status = self._status()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return Health("degraded", f"the screen does not answer from here: {type(error).__name__}", at=at)
        ms = int((time.monotonic() - started) * 1000)
        if status >= 400:
            return Health("degraded", f"the screen answers HTTP {status}", ms, at)
        return Health("up", "", ms, at)

    def _status(self) -> int:
        # Only the head of the answer is read: what the page says is for people.
        seconds = self.platform.limits.timeout_seconds
        with httpx2.stream("GET", self.base_url, timeout=seconds, trust_env=False) as answer:
            return answer.status_code

    def push(self, parcel: Parcel) -> Receipt:
        """Hand the parcel to a person; the proof is the sheet as JSON. Twice is harmless: nothing is sent."""
        if not self.base_url and not self._is_without_address:
            raise NeedsSettings("base_url is missing")
        rows = self.sheet(parcel)
        self._verify(parcel, rows)
        return Receipt("handed-over", at=datetime.now(UTC), proof=proof_of([asdict(row) for row in rows]))

    def _verify(self, parcel: Parcel, rows: tuple[SheetRow, ...]) -> None:
        required = self.codec.REQUIRED.get(parcel.item_code)
        if required is None:
            raise Refused(f"{self.platform.id} does not take item {parcel.item_code}", code="item")
        stated = {row.fact for row in rows if row.value}
        for key in sorted(required - stated):
            raise Refused(
                f"the target screen asks for {key}, which this case does not state", code="missing", field=key
            )

    def find(self, key: str) -> Receipt | None:
        """Nobody can be asked but the person who typed it."""
        raise OutcomeUnknown("a re-keyed case can only be looked up by a person on the department's screen")

    def collect(self, cursor: str) -> Batch:
        """Bring nothing: decisions are entered by the person who looks them up."""
        return Batch(cursor=cursor)

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        """Know nothing of anybody."""
        return ()

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        """Assign nothing."""
        return ()

    def close(self) -> None:
        """Hold nothing open."""


def make_adapter(platform: PlatformManifest, settings: Mapping[str, Any], codec: Any) -> RekeyAdapter:
    """Build the adapter of one re-keying platform."""
    return RekeyAdapter(platform, settings, codec)
