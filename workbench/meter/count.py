"""Counts a hub's accepted forms into the meter, a day at most once; accepting itself writes nothing for it.

What was typed stands in the frozen form already: a value that is what was held came from data, any other was typed.
The days counted and the sums are one commit.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from ..cases.models import CaseRow
from ..catalogue.form import FormField, form_of
from ..catalogue.freeze import frozen_item
from ..catalogue.items import Catalogue
from ..delivery.models import DeliveryEventRow, DeliveryRow, PayloadRow
from ..identity.models import AuditRow
from ..store.clock import SHANGHAI, local
from ..store.context import Context
from .formula import Sums, constants
from .models import CountedRow, EntryMeterRow

#: Nobody types these.
NOT_TYPED = ("signature", "image", "derived")
CHUNK = 200
#: A sheet first opened earlier than that was left lying anyway.
LOOK_BACK = timedelta(days=2)
#: month, line, item
Place = tuple[str, str, str]


def count_until(ctx: Context, catalogue: Catalogue, last: date) -> int:
    """Count what was accepted and re-keyed at the hub up to the end of a day; gives how many cases. Safe twice."""
    row = ctx.session.get(CountedRow, ctx.hub.id, with_for_update=True)
    if row is not None and row.until > ctx.clock.today() + timedelta(days=1):
        row.until = last  # the clock was set back; what comes from now on is counted again
    since = row.until if row else None
    if since is not None and since >= last:
        return 0
    begin = _midnight(since + timedelta(days=1)) if since else datetime(2000, 1, 1, tzinfo=UTC)
    end = _midnight(last + timedelta(days=1))
    found: dict[Place, Sums] = defaultdict(Sums)
    _count_forms(ctx, catalogue, begin, end, found)
    _count_sheets(ctx, begin, end, found)
    for place, sums in found.items():
        _add(ctx, place, sums)
    if row is None:
        ctx.session.add(CountedRow(hub_id=ctx.hub.id, until=last))
    else:
        row.until = last
    return sum(sums.cases for sums in found.values())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _count_forms(ctx: Context, catalogue: Catalogue, begin: datetime, end: datetime, found: dict[Place, Sums]) -> None:
    accepted = (col(CaseRow.hub_id) == ctx.hub.id, col(CaseRow.accepted_at) >= begin, col(CaseRow.accepted_at) < end)
    ids = ctx.session.scalars(select(col(CaseRow.id)).where(*accepted, col(CaseRow.payload_id) != "")).all()
    answered: set[tuple[str, str, str]] = set()
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        ways = select(col(DeliveryRow.case_id), func.count(func.distinct(col(DeliveryRow.platform_id))))
        ways = ways.where(col(DeliveryRow.case_id).in_(some)).group_by(col(DeliveryRow.case_id))
        departments = {row[0]: row[1] for row in ctx.session.execute(ways)}
        forms = select(CaseRow, col(PayloadRow.content)).join(PayloadRow, col(PayloadRow.id) == col(CaseRow.payload_id))
        for case, content in ctx.session.execute(forms.where(col(CaseRow.id).in_(some)).order_by(col(CaseRow.id))):
            item = frozen_item(ctx.session, catalogue, case.item_digest)
            if item is None or case.accepted_at is None:
                continue
            sums = count_form(form_of(item).fields, content or {}, case, departments.get(case.id, 1), answered)
            found[f"{local(case.accepted_at):%Y-%m}", case.line_id, case.item_code] += sums


def count_form(
    fields: Mapping[str, FormField],
    content: Mapping[str, Any],
    case: Any,
    departments: int,
    answered: set[tuple[str, str, str]],
) -> Sums:
    """Count one frozen form. What was answered once in a sitting was not typed again for its other matters."""
    values, origins = content.get("values") or {}, content.get("origins") or {}
    needed = typed = 0
    for key, value in values.items():
        field = fields.get(key)
        if field is None or field.type in NOT_TYPED or value in (None, "", []):
            continue
        needed += 1
        origin = origins.get(key) or {}
        if origin.get("held") == value and not origin.get("typed"):
            continue
        answer = case.reception_id, field.fact or f"{case.item_code}.{key}", json.dumps(value, default=str)
        typed += answer not in answered
        answered.add(answer)
    return Sums(1, needed, needed * max(departments, 1), needed - typed, typed)


def _count_sheets(ctx: Context, begin: datetime, end: datetime, found: dict[Place, Sums]) -> None:
    """Count the re-keying sheets that were worked off: their fields, and the time from the first look to the number."""
    here = (col(AuditRow.hub_id) == ctx.hub.id, col(AuditRow.at) < end)
    done = select(col(AuditRow.subject), func.min(col(AuditRow.at)).label("at")).group_by(col(AuditRow.subject))
    rows = ctx.session.execute(done.where(*here, col(AuditRow.at) >= begin, col(AuditRow.action) == "delivery.rekeyed"))
    finished = {row.subject: row.at for row in rows}
    if not finished:
        return
    looked = done.where(*here, col(AuditRow.at) >= begin - LOOK_BACK, col(AuditRow.action) == "delivery.sheet")
    first: dict[str, datetime] = {}
    for some in _some(sorted(finished)):
        first |= {row.subject: row.at for row in ctx.session.execute(looked.where(col(AuditRow.subject).in_(some)))}
    for some in _some([subject.removeprefix("delivery:") for subject in sorted(finished)]):
        for delivery in ctx.session.scalars(select(DeliveryRow).where(col(DeliveryRow.id).in_(some))):
            at = finished[f"delivery:{delivery.id}"]
            spent = (at - first.get(f"delivery:{delivery.id}", at)).total_seconds()
            seconds = min(round(spent), constants().longest_sheet_seconds)
            place = f"{local(at):%Y-%m}", _line_of(ctx, delivery), delivery.item_code
            found[place] += Sums(sheets=1, retyped=_fields_on_sheet(ctx, delivery.id), retyping_seconds=seconds)


def _some(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _line_of(ctx: Context, delivery: DeliveryRow) -> str:
    return ctx.session.scalar(select(col(CaseRow.line_id)).where(col(CaseRow.id) == delivery.case_id)) or ""


def _fields_on_sheet(ctx: Context, delivery_id: str) -> int:
    sheets = select(col(DeliveryEventRow.proof)).where(col(DeliveryEventRow.delivery_id) == delivery_id)
    sheets = sheets.where(col(DeliveryEventRow.reason) == "rekey").order_by(col(DeliveryEventRow.id).desc())
    proof = ctx.session.scalar(sheets.limit(1))
    rows = json.loads(proof) if proof else []
    return sum(1 for row in rows if row.get("theirs") or row.get("value"))


def _add(ctx: Context, place: Place, sums: Sums) -> None:
    month, line_id, item_code = place
    key = (ctx.hub.id, month, item_code)
    row = ctx.session.get(EntryMeterRow, key, with_for_update=True)
    if row is None:
        row = EntryMeterRow(hub_id=ctx.hub.id, month=month, item_code=item_code, line_id=line_id)
        ctx.session.add(row)
    for name in Sums.__dataclass_fields__:
        setattr(row, name, getattr(row, name) + getattr(sums, name))
    ctx.session.flush()
