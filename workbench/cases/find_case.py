"""Finds the case a page is about, or ends the request: what is not yours to see looks as if it were not there."""

from typing import Any, cast

from flask import abort

from ..identity.may import may
from ..store.context import Context
from .find import get_case
from .models import CaseRow


def find_case(ctx: Context, case_id: str, verb: str = "see", *, lock: bool = False) -> CaseRow:
    """Give an accepted case this worker may see; ends the request otherwise."""
    case = get_case(ctx, case_id, lock=lock)
    refuse_unseen(ctx, case, verb)
    return cast("CaseRow", case)


def refuse_unseen(ctx: Context, case: Any, verb: str = "see") -> None:
    """End the request unless this is a case, accepted or refused, that this worker may see."""
    if case is None or (case.case_no is None and case.state != "refused"):
        abort(404)
    if not may(ctx.actor, verb, case.line_id) and not may(ctx.actor, verb, case.step_line or case.line_id):
        abort(403)
