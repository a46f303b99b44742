"""Takes the rating of a visit: once, for each of its matters, from whoever holds the token of its receipt.

The token is the visit's id with a mark of ours: nothing stands in the address about anybody, and nothing is
written before somebody rates.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from ..cases.calendar import load_calendar
from ..cases.models import CaseRow
from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.problems import Problem
from .models import BAD, LEVELS, MatterRatingRow, VisitRatingRow

#: Working days in which a bad rating is looked into and the resident called back (Sichuan's rule).
SETTLE_DAYS = 15
NEEDED = ("请选择满意程度。", "Choose how satisfied you are.")


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as its rating page shows it: the matters, nothing about the person."""

    id: str
    hub_id: str
    worker_id: str
    matters: tuple[tuple[str, str, str, str, str], ...]  # case id, title in both languages, line, item


def token_of(keys: KeyRing, reception_id: str) -> str:
    """Give the token that stands in a visit's QR code."""
    return f"{reception_id}.{keys.mark('rating', reception_id).hex()[:20]}"


def read_token(keys: KeyRing, token: str) -> str:
    """Give the visit a token belongs to, "" when it is not one of ours."""
    reception_id = token.partition(".")[0][:26]
    return reception_id if hmac.compare_digest(token.encode(), token_of(keys, reception_id).encode()) else ""


def read_visit(ctx: Context, reception_id: str) -> Visit | None:
    """Read what is rated; None when nothing of the visit was accepted. One query."""
    columns = (col(CaseRow.id), col(CaseRow.title_zh), col(CaseRow.title_en), col(CaseRow.line_id))
    query = select(*columns, col(CaseRow.item_code), col(CaseRow.hub_id), col(CaseRow.owner_id))  # type: ignore[call-overload]
    query = query.where(CaseRow.reception_id == reception_id, col(CaseRow.case_no).is_not(None))
    rows = list(ctx.session.exec(query.order_by(CaseRow.id)))
    if not rows:
        return None
    return Visit(reception_id, rows[0][5], rows[0][6], tuple(row[:5] for row in rows))


def is_rated(ctx: Context, reception_id: str) -> bool:
    """Tell whether a visit was rated."""
    return ctx.session.get(VisitRatingRow, reception_id) is not None


def rate(
    ctx: Context, visit: Visit, level: int, of_matters: Mapping[str, int], *, words: str, channel: str
) -> VisitRatingRow:
    """Keep a rating; a bad one is open until it is settled. Raises Problem when there is one already."""
    if level not in LEVELS:
        raise Problem("level_missing", *NEEDED, field="score")
    if is_rated(ctx, visit.id):
        raise Problem("rated_already", "这次办理已经评价过，谢谢。", "This visit was rated already. Thank you.")
    levels = {matter[0]: of_matters.get(matter[0], level) for matter in visit.matters}
    worst = max(level, *levels.values())
    is_bad = worst in BAD
    due = load_calendar(ctx.session).add(ctx.clock.today(), SETTLE_DAYS) if is_bad else None
    row = VisitRatingRow(
        reception_id=visit.id, hub_id=visit.hub_id, worker_id=visit.worker_id, level=level, worst=worst,
        words=words.strip()[:500], channel=channel, at=ctx.clock.now(), state="open" if is_bad else "good", due_on=due,
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    for case_id, _zh, _en, line_id, item_code in visit.matters:
        ctx.session.add(
            MatterRatingRow(
                case_id=case_id, reception_id=visit.id, line_id=line_id, item_code=item_code, level=levels[case_id]
            )
        )
    return row
