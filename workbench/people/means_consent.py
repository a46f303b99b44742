"""Each adult's authorisation for a means check: who signed, when, until when. Nobody signs for another adult."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Label, bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from ..store.rows import prepare, run
from .household_models import MeansConsentRow
from .models import MemberRow, PersonRow
from .view import age_on

ADULT = 18
#: Longest an authorisation is taken for; a place that wants less writes an earlier day.
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Adult:
    """One adult of a household, with the day until which the last standing authorisation holds."""

    person_id: str
    name: str
    id_no: str | None
    until: date | None


def standing_until(name: str) -> Label[date]:
    """Give the column that says how far a person's authorisation reaches; asks the parameter `today`.

    What was signed on the form of a case is for that case only.
    """
    return (
        select_columns(func.max(col(MeansConsentRow.until_day)))
        .where(
            col(MeansConsentRow.person_id) == col(PersonRow.id),
            col(MeansConsentRow.case_id) == "",
            col(MeansConsentRow.ended_at).is_(None),
            col(MeansConsentRow.until_day) >= bindparam("today"),
        )
        .correlate(PersonRow)
        .scalar_subquery()
        .label(name)
    )


_COLUMNS = (PersonRow.id, PersonRow.name, PersonRow.id_no, PersonRow.birth_date, PersonRow.status)
AT_HOME = prepare(
    select_columns(*(col(column) for column in _COLUMNS), standing_until("until_day"), col(MemberRow.household_id))
    .join(MemberRow, col(MemberRow.person_id) == col(PersonRow.id))
    .where(col(MemberRow.household_id).in_(bindparam("households", expanding=True)), col(MemberRow.until).is_(None))
    .order_by(col(PersonRow.id))
)


def adults_of(ctx: Context, household_ids: Iterable[str]) -> dict[str, list[Adult]]:
    """Give the living adults of households, by household, each with how far their authorisation reaches. One query."""
    today = ctx.clock.today()
    found: dict[str, list[Adult]] = {household_id: [] for household_id in household_ids}
    for row in run(ctx.session, AT_HOME, households=sorted(found), today=today):
        age = age_on(row.birth_date, today)
        if row.status != "dead" and (age is None or age >= ADULT):
            found[row.household_id].append(Adult(row.id, row.name, row.id_no, row.until_day))
    return found


def give_consent(
    ctx: Context, person_id: str, signed_on: date, until: date, *, way: str = "paper", scope: str = "", key: str = ""
) -> MeansConsentRow:
    """Write down that an adult signed; the same `key` again gives the one that stands. Raises Problem."""
    if done := ctx.session.get(MeansConsentRow, key) if key else None:
        return done
    today = ctx.clock.today()
    if signed_on > today:
        raise Problem(
            "signed_future", "签署日期不能晚于今天。", "The day of signing cannot lie after today.", "signed_on"
        )
    if until < today or (until - signed_on).days > LONGEST_DAYS:
        zh, en = "有效期应从今天起，最长一年。", "It holds from today on and for a year at most."
        raise Problem("until", zh, en, "until")
    row = consent_row(ctx, person_id, signed_on, until) | {"way": way, "scope": scope}
    made = MeansConsentRow.model_validate(row | ({"id": key} if key else {}))
    ctx.session.add(made)
    record(ctx, "means_consent.give", person_id=person_id, subject=f"means_consent:{made.id}", purpose="means check")
    ctx.session.flush()
    return made


def consent_row(ctx: Context, person_id: str, signed_on: date, until: date) -> dict[str, object]:
    """Give the columns of an authorisation."""
    return {
        "id": new_id(), "hub_id": ctx.hub.id, "person_id": person_id, "signed_on": signed_on, "until_day": until,
        "recorded_at": ctx.clock.now(), "recorded_by": ctx.actor.id,
    }  # fmt: skip


def end_consent(ctx: Context, consent_id: str, reason: str) -> MeansConsentRow:
    """Take an authorisation back, with a reason; twice is safe. Raises Problem."""
    row = ctx.session.get(MeansConsentRow, consent_id, with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        zh, en = "没有这项授权。请刷新后重试。", "There is no such authorisation. Reload and try again."
        raise Problem("no_such_consent", zh, en)
    if row.ended_at is None:
        if len(reason.strip()) < 2:
            raise Problem("reason_missing", "请写明撤回的理由。", "Say why it is taken back.", "reason")
        row.ended_at, row.ended_by, row.end_reason = ctx.clock.now(), ctx.actor.id, reason.strip()[:200]
        ctx.session.add(row)
        subject = f"means_consent:{row.id}"
        record(ctx, "means_consent.end", person_id=row.person_id, subject=subject, purpose=row.end_reason)
    return row


def consents_of(ctx: Context, people: Iterable[str]) -> dict[str, list[MeansConsentRow]]:
    """Give every authorisation of several people, by person, the newest first. One query."""
    found: dict[str, list[MeansConsentRow]] = {}
    query = select(MeansConsentRow).where(col(MeansConsentRow.person_id).in_(list(people)))
    for row in ctx.session.exec(query.order_by(col(MeansConsentRow.id).desc())):
        found.setdefault(row.person_id, []).append(row)
    return found


def unsigned(adults: Iterable[Adult], signed: Iterable[Mapping[str, object]]) -> list[Adult]:
    """Give the adults who neither signed on this form nor gave an authorisation that still holds."""
    rows = [row for row in signed if row.get("signature")]
    numbers, names = {row.get("member_id_no") for row in rows}, {row.get("member_name") for row in rows}
    return [
        one
        for one in adults
        if one.until is None and not (one.id_no in numbers if one.id_no and any(numbers) else one.name in names)
    ]
