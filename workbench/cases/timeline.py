"""The timeline of a case: its own events and those of its deliveries, newest first, told in the page's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from ..api.manifest import ItemManifest
from ..delivery.event_words import event_words, said
from ..delivery.models import DeliveryEventRow, DeliveryRow
from ..delivery.words import REASON_WORDS
from ..staff.models import WorkerRow
from ..store.rows import prepare, run
from .models import CaseEventRow
from .words import KINDS, ROLES, UNKNOWN, event_text

#: Platform id -> its names.
Names = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, in both languages. `proof_id` names the delivery event that holds the proof."""

    at: datetime
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    who_zh: str
    who_en: str
    tone: str
    icon: str
    proof_id: int = 0


_E = DeliveryEventRow
DELIVERED = prepare(
    select(  # type: ignore[call-overload]
        _E.id, _E.at, _E.state, _E.reason, _E.text, _E.actor_id, WorkerRow.name,
        col(_E.proof).is_not(None), DeliveryRow.platform_id,
    )
    .join(DeliveryRow, col(DeliveryRow.id) == _E.delivery_id)
    .outerjoin(WorkerRow, col(WorkerRow.id) == _E.actor_id)
    .where(col(DeliveryRow.case_id) == bindparam("case"))
    .order_by(col(_E.id))
)  # fmt: skip
_TOLD = ("at", "kind", "actor_id", "actor_name", "detail")
EVENTS = prepare(
    select_columns(*(col(getattr(CaseEventRow, name)) for name in _TOLD))
    .where(col(CaseEventRow.case_id) == bindparam("case"))
    .order_by(col(CaseEventRow.id))
)


def read_timeline(session: Session, case_id: str, item: ItemManifest | None, names: Names) -> list[Entry]:
    """Read everything that happened to a case, the newest first. Two queries, whatever their number."""
    entries = [tell_event(row, item, names) for row in run(session, EVENTS, case=case_id)]
    entries += read_deliveries(session, case_id, names)
    entries.sort(key=lambda entry: entry.at)
    entries.reverse()  # of things at one moment, the last written comes first
    return entries


def tell_event(row: CaseEventRow | Any, item: ItemManifest | None, names: Names) -> Entry:
    """Tell one event of a case."""
    zh, en, tone, icon = KINDS.get(row.kind, UNKNOWN)
    step = next((s for s in item.steps if s.key == row.detail.get("step")), None) if item else None
    if step:
        zh, en = f"{zh}：{step.name}", f"{en}: {step.name_en}"
    who = names.get(str(row.detail.get("platform", "")))
    if who is None:
        who = ("系统", "the workbench") if row.actor_id == "system" else (row.actor_name, row.actor_name)
    return Entry(row.at, zh, en, *event_text(row.detail), *who, tone, icon)


def read_deliveries(session: Session, case_id: str, names: Names) -> Iterable[Entry]:
    """Read what happened to the deliveries of a case; the proofs themselves stay sealed. One query."""
    return [_tell_delivery(*row, names=names) for row in run(session, DELIVERED, case=case_id)]


def _tell_delivery(
    event_id: int,
    at: datetime,
    state: str,
    reason: str,
    text: str,
    actor_id: str,
    actor: str | None,
    has_proof: bool,
    platform_id: str,
    *,
    names: Names,
) -> Entry:
    zh, en, tone, icon = event_words(state)
    platform = names.get(platform_id, (platform_id, platform_id))
    because_zh, because_en = REASON_WORDS[reason][:2] if reason in REASON_WORDS else (reason, reason)
    said_zh, said_en = said(text)
    who = (actor, actor) if actor else ("系统", "the workbench") if actor_id == "system" else ROLES["worker"]
    return Entry(
        at,
        f"{platform[0]}：{zh}",
        f"{platform[1]}: {en}",
        " ".join(part for part in (because_zh, said_zh) if part),
        " ".join(part for part in (because_en, said_en) if part),
        *who,
        tone,
        icon,
        event_id if has_proof else 0,
    )
