"""What a resident sees of a case without signing on: its number and the last four characters of the ID number.

Nothing about the person is shown. Wrong tries are counted per number and per address in the database, so that
several processes count together; a number nobody has and wrong characters look the same.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..cases.models import CaseRow, SuspensionRow
from ..hubs.models import HubRow
from ..identity import floods
from ..people.models import PersonRow
from ..store.crypto import KeyRing
from ..store.problems import Problem

#: state -> what it means for a resident, and what to do.
PLAIN: Mapping[str, tuple[str, str]] = {
    "accepted": (
        "已经受理，正在办理。您不用做什么。",
        "It was accepted and is being handled. There is nothing for you to do.",
    ),
    "reviewing": ("正在审核。您不用做什么。", "It is being reviewed. There is nothing for you to do."),
    "correction": ("需要您补充材料或更正内容。", "Something has to be supplied or corrected by you."),
    "suspended": (
        "正在进行特别程序，例如评定或核查，所需时间不计入办理期限。您不用做什么。",
        "A special procedure is under way, such as an assessment; its time is not counted. Nothing for you to do.",
    ),
    "decided": ("已经作出决定，即将办结。", "It is decided and about to be concluded."),
    "delivered": ("已经办结，结果已交给您。", "It is concluded and the result was handed to you."),
    "archived": ("已经办结。", "It is concluded."),
    "withdrawn": ("您已撤回申请。", "You withdrew it."),
    "returned": ("申请已退回。可以重新申请。", "It was returned. You may apply again."),
    "refused": ("没有受理。理由见书面通知。", "It was not accepted. The reasons are in the written notice."),
    "voided": ("办件已作废，请联系站点。", "It is void. Please ask at the hub."),
}
GRANTED = (
    "已经办结，同意您的申请。请带证件来领取结果。",
    "It is concluded and granted. Please collect the result with your ID.",
)
DENIED = (
    "已经办结，没有同意您的申请。理由和救济途径见书面通知。",
    "It is concluded and was refused. The reasons and how to appeal are in the written notice.",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is shown of a case."""

    case_no: str
    title_zh: str
    title_en: str
    state: str
    stage: int  # 0 accepted, 1 being handled, 2 concluded
    words: tuple[str, str]
    accepted: datetime | None
    due_on: date | None
    reply_by: date | None
    hub_zh: str
    hub_en: str
    hours: str
    phone: str


def refuse_flood(session: Session, keys: KeyRing, number: str, address: str, now: datetime) -> None:
    """Raise Problem when this number or this address was tried too often lately."""
    if wait := floods.minutes_to_wait(session, keys, floods.PROGRESS, now, number=number, address=address):
        zh = f"查询次数过多，请 {wait} 分钟后再试，或者到站点询问。"
        raise Problem("too_many_attempts", zh, f"Too many tries. Try again in {wait} minutes, or ask at the hub.")


def count_failure(session: Session, keys: KeyRing, number: str, address: str, now: datetime) -> None:
    """Remember a wrong try."""
    floods.count(session, keys, floods.PROGRESS, now, number=number, address=address)


def look_up(session: Session, number: str, last_four: str) -> Seen | None:
    """Give a case by its number, if the last four characters of the applicant's ID number fit. At most two queries."""
    query = select(CaseRow, PersonRow.id_masked, HubRow).join(PersonRow, col(PersonRow.id) == CaseRow.person_id)
    found = session.exec(query.join(HubRow, col(HubRow.id) == CaseRow.hub_id).where(CaseRow.case_no == number)).first()
    held = found[1][-4:] if found and len(found[1]) >= 8 else ""
    fits = hmac.compare_digest(held.encode(), last_four.upper().encode()) and held != ""
    if found is None or not fits:
        return None
    case, _masked, hub = found
    return Seen(
        case.case_no or "",
        case.title_zh,
        case.title_en,
        case.state,
        _stage(case),
        plain_words(case),
        case.accepted_at,
        case.due_on if case.concluded_at is None else None,
        _reply_by(session, case) if case.state == "correction" else None,
        hub.name_zh,
        hub.name_en,
        f"{hub.opens}–{hub.closes}",
        hub.phone,
    )


def _stage(case: CaseRow) -> int:
    if case.state == "accepted":
        return 0
    return 1 if case.state in ("reviewing", "correction", "suspended", "decided") else 2


def plain_words(case: CaseRow) -> tuple[str, str]:
    """Say in plain words where a case stands."""
    if case.state == "concluded":
        return GRANTED if case.result == "granted" else DENIED
    return PLAIN.get(case.state, ("请联系站点。", "Please ask at the hub."))


def _reply_by(session: Session, case: CaseRow) -> date | None:
    query = select(SuspensionRow.reply_by).where(SuspensionRow.case_id == case.id)  # type: ignore[type-var]
    return session.exec(query.where(col(SuspensionRow.to_day).is_(None))).first()
