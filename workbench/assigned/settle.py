"""A worker settles a task: done or returned, with words; the answer goes to the department as a parcel."""

from collections.abc import Sequence

from ..api.manifest import PlatformManifest
from ..api.parcels import TASK_ANSWER, TASK_VALUES
from ..delivery.enqueue import AcceptedCase, Outgoing, enqueue, store_payload
from ..delivery.models import DeliveryRow, OutcomeRow
from ..identity.audit import record
from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from .models import AssignedTaskRow

RESULTS = ("done", "returned")
LONGEST = 1_000
#: What a department says when it does not take an answer.
NOT_TAKEN = ("refused", "rejected", "correction")


def get_task(ctx: Context, task_id: str, *, lock: bool = False) -> AssignedTaskRow | None:
    """Give a task of this hub whose line the worker may see."""
    row = ctx.session.get(AssignedTaskRow, task_id[:26], with_for_update=lock or None)
    if row is None or row.hub_id != ctx.hub.id or not may(ctx.actor, "see", row.line_id):
        return None
    return row


def settle_task(
    ctx: Context, row: AssignedTaskRow, platform: PlatformManifest | None, result: str, words: str, *, seen_version: int
) -> None:
    """Settle a task once and put its answer on the way; raises Problem. A platform that takes none is told by hand."""
    if not may(ctx.actor, "accept", row.line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    if row.state != "open" or row.version != seen_version:
        zh, en = "这项任务刚刚已被处理，请刷新查看。", "This task has just been settled; reload and look."
        raise Problem("moved", zh, en)
    if result not in RESULTS:
        raise Problem("result", "请选择已办结或退回。", "Choose done or returned.", "result")
    if len(words.strip()) < 2:
        raise Problem("words", "请写明办理情况或退回理由。", "Say what was done, or why it is returned.", "words")
    row.state, row.words, row.reply = result, words.strip()[:LONGEST], ""
    row.settled_by, row.settled_name, row.settled_at = ctx.actor.id, ctx.actor.name, ctx.clock.now()
    row.version += 1
    if takes_answers(platform):
        row.delivery_id = _send(ctx, row)
    record(ctx, "assigned.settle", subject=f"assigned:{row.id}", detail={"result": result})


def takes_answers(platform: PlatformManifest | None) -> bool:
    """Tell whether an answer can be sent to a platform."""
    return platform is not None and TASK_ANSWER in platform.operations


def _send(ctx: Context, row: AssignedTaskRow) -> str:
    said = (row.reference, row.state, row.words or "", ctx.clock.today().isoformat())
    payload = store_payload(ctx, {"values": dict(zip(TASK_VALUES, said, strict=True))})
    about = AcceptedCase(
        case_id=row.id, case_no=row.reference, person_id=row.person_id or "", hub_id=row.hub_id,
        division=ctx.hub.division, item_code="", item_version="", item_title="", worker_name=ctx.actor.name,
    )  # fmt: skip
    (key,) = enqueue(ctx, [Outgoing(about, payload, row.platform_id, TASK_ANSWER)])
    return key


def take_replies(ctx: Context, told: Sequence[tuple[OutcomeRow, DeliveryRow]]) -> None:
    """Open a task again whose answer the department did not take, with its words; safe for repeated messages."""
    for outcome, delivery in told:
        row = ctx.session.get(AssignedTaskRow, delivery.case_id, with_for_update=True)
        if row is None or row.delivery_id != delivery.id or outcome.status not in NOT_TAKEN:
            continue
        if row.state in RESULTS:
            row.state, row.reply, row.version = "open", outcome.text[:LONGEST], row.version + 1


def put_away(ctx: Context, row: AssignedTaskRow, words: str) -> None:
    """Put a quarantined task away that is for none of our hubs, with words; raises Problem."""
    if row.state != "quarantined":
        raise Problem("moved", "这项任务已不在待查区。", "This task is no longer in quarantine.")
    if len(words.strip()) < 2:
        raise Problem("words", "请写明处理情况。", "Say what was done about it.", f"words-{row.id}")
    row.state, row.words = "put-away", words.strip()[:LONGEST]
    row.settled_by, row.settled_name, row.settled_at = ctx.actor.id, ctx.actor.name, ctx.clock.now()
    row.version += 1
    record(ctx, "assigned.put_away", subject=f"assigned:{row.id}")
