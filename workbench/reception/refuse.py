"""Does not accept a form, with a reason: it gets a number, so that the resident can be told in writing, and is kept.

Two kinds: it is not for this office or not complete (不受理), or its conditions are not met (不予受理).
"""

from typing import Any

from ..cases.models import CaseRow, DraftRow
from ..cases.moves import make_move
from ..cases.numbers import next_case_nos
from ..catalogue.freeze import freeze_items
from ..catalogue.items import Item
from ..delivery.enqueue import store_payloads
from ..store.context import Context
from ..store.problems import Problem

KINDS = ("not_here", "conditions")


def refuse_acceptance(ctx: Context, item: Item, case: CaseRow, draft: DraftRow, *, kind: str, reason: str) -> None:
    """Refuse a form; raises Problem beside the field that is missing. What was typed is kept with the case."""
    if kind not in KINDS:
        raise Problem("kind_missing", "请选择不受理的情形。", "Choose which case it is.", field="kind")
    if not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    manifest = item.manifest
    freeze_items(ctx, [item])
    content: dict[str, Any] = {"values": draft.values or {}, "origins": draft.origins or {}, "files": []}
    case.case_no = next_case_nos(ctx, ctx.clock.today())[0]
    case.payload_id = store_payloads(ctx, [content])[0]
    case.item_version, case.item_digest = manifest.version, item.digest
    case.title_zh, case.title_en = manifest.title_zh, manifest.title_en
    case.result, case.result_text = "refused", reason.strip()
    case.concluded_at = ctx.clock.now()
    make_move(ctx, case, "refuse_acceptance", reason=reason, refusal=kind)
    ctx.session.delete(draft)
