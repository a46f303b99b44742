"""Taking an enquiry in, answering it, passing it on, and writing down that the department has it."""

from dataclasses import dataclass
from datetime import timedelta

from ..cases.numbers import next_number
from ..catalogue.items import Item
from ..identity.audit import record
from ..identity.may import may
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from .models import ANSWERED, PASSED, EnquiryRow

LONGEST = 2_000
#: Days within which somebody who asked hears from the hub; typical, no source gives one.
DAYS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said when an enquiry comes in."""

    question: str
    person_id: str = ""
    asked_by: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """How an enquiry is settled: answered, or passed on to somebody."""

    state: str
    answer: str = ""
    answered_how: str = ""
    passed_to: str = ""
    passed_how: str = ""


def take_in(ctx: Context, item: Item, asked: Asked, *, key: str = "") -> EnquiryRow:
    """Take an enquiry in; the same `key` again gives the one that stands. Raises Problem."""
    if known := ctx.session.get(EnquiryRow, key) if key else None:
        return known
    if len(asked.question.strip()) < 2:
        raise Problem("question", "请写明咨询的内容。", "Write down what is asked.", "question")
    today = ctx.clock.today()
    row = EnquiryRow(
        id=key or new_id(), number=next_number(ctx, "ZX", today), hub_id=ctx.hub.id, line_id=item.line_id,
        item_code=item.code, title_zh=item.manifest.title_zh, title_en=item.manifest.title_en,
        person_id=asked.person_id or None, asked_by=asked.asked_by.strip()[:100] or None,
        phone=asked.phone.strip()[:40] or None, question=asked.question.strip()[:LONGEST],
        due_on=today + timedelta(days=DAYS), made_by=ctx.actor.id, made_name=ctx.actor.name, made_at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    subject = f"enquiry:{row.id}"
    record(
        ctx, "enquiry.take", person_id=asked.person_id, subject=subject, purpose="enquiry", detail={"item": item.code}
    )
    return row


def get_enquiry(ctx: Context, enquiry_id: str, *, lock: bool = False) -> EnquiryRow | None:
    """Give an enquiry of this hub whose line the worker may see."""
    row = ctx.session.get(EnquiryRow, enquiry_id[:26], with_for_update=lock or None)
    if row is None or row.hub_id != ctx.hub.id or not may(ctx.actor, "see", row.line_id):
        return None
    return row


def settle(ctx: Context, row: EnquiryRow, how: Settled, *, seen_version: int) -> None:
    """Answer an enquiry or pass it on; one that was passed on can still be answered. Raises Problem and Problems."""
    if not may(ctx.actor, "accept", row.line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    if row.state == "answered" or row.version != seen_version:
        raise Problem("moved", "这条咨询刚刚已被处理，请刷新查看。", "This was just settled; reload and look.")
    if problems := _problems(how):
        raise Problems(problems)
    row.state = how.state
    if how.state == "answered":
        row.answer, row.answered_how = how.answer.strip()[:LONGEST], how.answered_how
    else:
        row.passed_to, row.passed_how = how.passed_to.strip()[:200], how.passed_how
    row.settled_name, row.settled_at, row.version = ctx.actor.name, ctx.clock.now(), row.version + 1
    record(ctx, f"enquiry.{how.state}", person_id=row.person_id or "", subject=f"enquiry:{row.id}", purpose="enquiry")


def _problems(how: Settled) -> list[Problem]:
    if how.state not in ("answered", "passed-on"):
        return [Problem("state", "请选择如何处理。", "Choose what is done about it.", "state")]
    found = []
    if how.state == "answered":
        if len(how.answer.strip()) < 2:
            found.append(Problem("answer", "请写明答复内容。", "Write the answer.", "answer"))
        if how.answered_how not in ANSWERED[1:]:
            found.append(Problem("how", "请选择答复方式。", "Choose how it was answered.", "answered_how"))
        return found
    if len(how.passed_to.strip()) < 2:
        found.append(Problem("to", "请写明转给哪个部门或人员。", "Name the department or person.", "passed_to"))
    if how.passed_how not in PASSED[1:]:
        found.append(Problem("how", "请选择转交方式。", "Choose how it was passed on.", "passed_how"))
    return found


def note_receipt(ctx: Context, row: EnquiryRow, receipt: str, *, seen_version: int) -> None:
    """Write down the number or name by which the department took what was passed on; raises Problem."""
    if row.state != "passed-on" or row.version != seen_version:
        raise Problem("moved", "这条咨询刚刚已被处理，请刷新查看。", "This was just settled; reload and look.")
    if len(receipt.strip()) < 2:
        zh, en = "请填写部门回执号或签收人。", "Enter the number of their receipt, or who signed."
        raise Problem("receipt", zh, en, "receipt")
    row.receipt, row.received_at, row.version = receipt.strip()[:100], ctx.clock.now(), row.version + 1
    record(ctx, "enquiry.receipt", person_id=row.person_id or "", subject=f"enquiry:{row.id}", purpose="enquiry")
