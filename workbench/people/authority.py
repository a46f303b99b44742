"""Who may act for a resident: agents (代办) by letter, guardians by law; by which document, for what, until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from .check import attempt, read_name
from .household_models import AuthorityRow
from .households import read_relation
from .id_number import mask, read_id_number
from .phone import read_phone
from .register import lock_person

KINDS = ("agent", "guardian")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Given:
    """What is said and seen of somebody who acts for a resident."""

    kind: str
    name: str
    id_no: str
    phone: str
    relation: str
    proof: str
    scope: tuple[str, ...] = ()
    until: date | None = None


def grant_authority(ctx: Context, person_id: str, given: Given, *, key: str = "") -> AuthorityRow:
    """Write down who may act for a resident; the same `key` again gives the one that stands.

    Raises Problems for what is missing or wrong: an agent acts until a day, a document must have been seen.
    """
    if done := ctx.session.get(AuthorityRow, key) if key else None:
        return done
    person = lock_person(ctx, person_id)
    problems: list[Problem] = []
    name = attempt(problems, lambda: read_name(given.name), "")
    number = attempt(problems, lambda: read_id_number(given.id_no).number, "")
    phone = attempt(problems, lambda: read_phone(given.phone), "")
    relation = attempt(problems, lambda: _relation(given.relation), "")
    problems += _wrong(ctx, given)
    if number and number == person.id_no:
        zh, en = "代办人或监护人不能是本人。", "The resident cannot act for themselves."
        problems.append(Problem("own_number", zh, en, "id_no"))
    if problems:
        raise Problems(problems)
    row = AuthorityRow(
        id=key or new_id(), hub_id=ctx.hub.id, person_id=person.id, kind=given.kind, name=name, id_no=number,
        id_masked=mask(number), phone=phone, relation=relation, proof=given.proof.strip()[:LONGEST],
        scope=",".join(given.scope), from_day=ctx.clock.today(), until_day=given.until,
        recorded_at=ctx.clock.now(), recorded_by=ctx.actor.id,
    )  # fmt: skip
    ctx.session.add(row)
    record(ctx, "authority.grant", person_id=person.id, subject=f"authority:{row.id}", purpose=given.kind)
    ctx.session.flush()
    return row


def end_authority(ctx: Context, authority_id: str, reason: str) -> AuthorityRow:
    """Take an authority back, with a reason; twice is safe. Raises Problem."""
    row = ctx.session.get(AuthorityRow, authority_id, with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        zh, en = "没有这项授权。请刷新后重试。", "There is no such authority. Reload and try again."
        raise Problem("no_such_authority", zh, en)
    if row.ended_at is not None:
        return row
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明终止的理由。", "Say why it ends.", "reason")
    row.ended_at, row.ended_by, row.end_reason = ctx.clock.now(), ctx.actor.id, reason.strip()[:LONGEST]
    ctx.session.add(row)
    record(ctx, "authority.end", person_id=row.person_id, subject=f"authority:{row.id}", purpose=row.end_reason)
    return row


def authorities_of(ctx: Context, person_id: str) -> list[AuthorityRow]:
    """Give everybody who may act or might once have acted for a resident, the newest first. One query."""
    query = select(AuthorityRow).where(AuthorityRow.person_id == person_id).order_by(col(AuthorityRow.id).desc())
    return list(ctx.session.exec(query))


def standing_authorities(ctx: Context, person_id: str, item_codes: Iterable[str] = ()) -> list[AuthorityRow]:
    """Give who may act for a resident today, in all of these items. One query."""
    today, codes = ctx.clock.today(), list(item_codes)
    return [row for row in authorities_of(ctx, person_id) if stands(row, today) and covers(row, codes)]


def stands(row: AuthorityRow, today: date) -> bool:
    """Tell whether an authority holds on a day."""
    return row.ended_at is None and (row.until_day is None or row.until_day >= today)


def covers(row: AuthorityRow, item_codes: Iterable[str]) -> bool:
    """Tell whether an authority is for all of these items."""
    return not row.scope or set(item_codes) <= set(row.scope.split(","))


def _wrong(ctx: Context, given: Given) -> list[Problem]:
    found = []
    if given.kind not in KINDS:
        found.append(Problem("kind", "请选择代办人或监护人。", "Choose agent or guardian.", "kind"))
    if len(given.proof.strip()) < 2:
        zh, en = (
            "请写明查看了哪份证明，如委托书、户口簿、监护判决。",
            "Name the document seen, such as a letter of authority.",
        )
        found.append(Problem("proof", zh, en, "proof"))
    if given.kind == "agent" and given.until is None:
        zh, en = "代办有期限，请填写截止日期。", "An agent acts until a day. Enter it."
        found.append(Problem("until", zh, en, "until"))
    if given.until is not None and given.until < ctx.clock.today():
        found.append(Problem("until_past", "截止日期已过。", "This day has passed.", "until"))
    return found


def _relation(code: str) -> str:
    try:
        return read_relation(code)
    except Problem as problem:
        zh, en = "请选择与居民的关系。", "Choose the relation to the resident."
        raise Problem(problem.code, zh, en, "relation") from None
