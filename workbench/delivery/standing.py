"""How deliveries stand, ready for a page: the words, since when, the next try, the department's number.

One query reads a case's deliveries with the state of their platforms and whether a proof is kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam
from sqlmodel import Session, col, exists, select

from ..host.discover import Installed
from ..store.rows import Prepared, prepare, run
from .models import DeliveryEventRow, DeliveryRow, PlatformRow
from .words import tell

#: States in which something is still going on by itself, so that a page asks again soon.
MOVING = ("waiting", "sending", "sent")
#: Reasons a case's worker settles; others are an admin's.
BY_HAND = {"rekey": "sheet", "outcome-unknown": "unknown", "broken-promise": "unknown"}


@dataclass(frozen=True, slots=True)
class Standing:
    """One delivery as a worker sees it."""

    id: str
    platform_id: str
    name_zh: str
    name_en: str
    operation: str
    state: str
    reason: str
    reason_text: str  # the department's own words, or the technical cause
    text_zh: str
    text_en: str
    who_zh: str
    who_en: str
    since: datetime
    next_try: datetime | None
    trouble_since: datetime | None
    attempts: int
    reference: str
    has_proof: bool
    fence: int
    is_rekeyed: bool = False  # typed in by a person, who also has to look there for the decision

    @property
    def needs_person(self) -> bool:
        """Tell whether it stands still until somebody acts."""
        return self.state in ("needs-people", "parked")

    @property
    def is_held_up(self) -> bool:
        """Tell whether it waits because its platform does not answer."""
        return self.state == "waiting" and (self.trouble_since is not None or self.reason != "")

    @property
    def is_moving(self) -> bool:
        """Tell whether something is going on by itself."""
        return self.state in MOVING

    @property
    def by_hand(self) -> str:
        """Name what the worker settles by hand: "sheet", "unknown", "decision" (to be looked up there) or ""."""
        if self.is_rekeyed and self.state in ("sent", "accepted"):
            return "decision"
        return BY_HAND.get(self.reason, "") if self.state == "needs-people" else ""


def _standings(condition: Any) -> Prepared:
    d, p = DeliveryRow, PlatformRow
    has_proof = exists().where(col(DeliveryEventRow.delivery_id) == d.id, col(DeliveryEventRow.proof).is_not(None))
    query: Select[*tuple[Any, ...]] = (
        select(  # type: ignore[call-overload]
            d.id, d.case_id, d.platform_id, d.operation, d.state, d.reason, d.reason_text, d.due_at, d.attempts,
            d.reference, d.created_at, d.sent_at, d.accepted_at, d.done_at, d.updated_at, d.fence,
            p.closed_until, p.closed_reason, p.is_paused, col(p.since).label("sick_since"),
            has_proof.label("has_proof"),
        )
        .outerjoin(p, col(p.platform_id) == d.platform_id)
        .where(condition)
        .order_by(col(d.id))
    )  # fmt: skip
    return prepare(query)


OF_CASE = _standings(col(DeliveryRow.case_id) == bindparam("case"))
OF_CASES = _standings(col(DeliveryRow.case_id).in_(bindparam("cases", expanding=True)))
ONE = _standings(col(DeliveryRow.id) == bindparam("delivery"))


def read_standings(session: Session, case_id: str, installed: Installed) -> list[Standing]:
    """Read how the deliveries of a case stand, in the order they were made. One query."""
    return [_standing(row._asdict(), installed) for row in run(session, OF_CASE, case=case_id)]


def read_standings_together(
    session: Session, case_ids: Iterable[str], installed: Installed
) -> dict[str, list[Standing]]:
    """Read how the deliveries of several cases stand, by case. One query."""
    found: dict[str, list[Standing]] = {}
    for row in run(session, OF_CASES, cases=sorted(case_ids)):
        found.setdefault(row.case_id, []).append(_standing(row._asdict(), installed))
    return found


def read_standing(session: Session, delivery_id: str, installed: Installed) -> Standing | None:
    """Read how one delivery stands. One query."""
    row = run(session, ONE, delivery=delivery_id).first()
    return _standing(row._asdict(), installed) if row else None


def platform_names(installed: Installed) -> Mapping[str, tuple[str, str]]:
    """Give the names of all installed platforms by id."""
    return installed.platform_names


def name_of(installed: Installed, platform_id: str) -> tuple[str, str]:
    """Give the names of a platform; one that is not installed is called by its id."""
    return installed.platform_names.get(platform_id, (platform_id, platform_id))


def _standing(row: Mapping[str, Any], installed: Installed) -> Standing:
    zh, en = name_of(installed, row["platform_id"])
    platform = installed.platform(row["platform_id"])
    is_closed = row["state"] == "waiting" and row["closed_until"] is not None
    closed_reason = row["closed_reason"] if is_closed else "held" if row["is_paused"] else ""
    words = tell(
        row["state"],
        row["reason"],
        platform_zh=zh,
        platform_en=en,
        reference=row["reference"],
        closed_reason=closed_reason,
    )
    return Standing(
        id=row["id"],
        platform_id=row["platform_id"],
        name_zh=zh,
        name_en=en,
        operation=row["operation"],
        state=row["state"],
        reason=row["reason"],
        reason_text=row["reason_text"],
        text_zh=words.text_zh,
        text_en=words.text_en,
        who_zh=words.who_zh,
        who_en=words.who_en,
        since=_since(row),
        next_try=_next_try(row),
        trouble_since=_trouble_since(row, is_closed),
        attempts=row["attempts"],
        reference=row["reference"],
        has_proof=bool(row["has_proof"]),
        fence=row["fence"],
        is_rekeyed=platform is not None and platform.manifest is not None and platform.manifest.way == "rekey",
    )


def _since(row: Mapping[str, Any]) -> datetime:
    by_state = {"waiting": "created_at", "sent": "sent_at", "accepted": "accepted_at", "done": "done_at"}
    since: datetime = row[by_state.get(row["state"], "updated_at")] or row["updated_at"]
    return since


def _next_try(row: Mapping[str, Any]) -> datetime | None:
    """Give when something is tried next: the next look at a closed platform, else the delivery's own turn."""
    if row["state"] != "waiting":
        return None
    when: datetime | None = row["closed_until"] or (row["due_at"] if row["reason"] else None)
    return when


def _trouble_since(row: Mapping[str, Any], is_closed: bool) -> datetime | None:
    since: datetime | None = row["sick_since"] if is_closed else row["updated_at"] if row["reason"] else None
    return since if row["state"] == "waiting" else None
