"""Tells the line of a case what became of it, after the commit; what the line does about it is its own affair."""

from ..api.nouns import Case
from ..delivery.models import PayloadRow
from ..host.call import Caller
from ..host.discover import Installed
from ..people.view import person_view
from ..store.context import Context
from .models import CaseRow


def tell_line(ctx: Context, caller: Caller, installed: Installed, line_id: str, case_id: str, hook: str) -> None:
    """Call `case_accepted`, `case_decided` or `case_withdrawn` of a case's line; the caller keeps a failure.

    A line that does not listen costs nothing.
    """
    line = installed.line(line_id)
    if line is None or line.state != "ready" or not caller.listens(line, hook):
        return
    case = ctx.session.get_one(CaseRow, case_id)
    person = person_view(ctx, case.person_id, citywide=True)
    caller.call(hook, [line], hub=ctx.hub, person=person, case=view_of(ctx, case))


def view_of(ctx: Context, case: CaseRow) -> Case:
    """Give a case as its line may see it."""
    return case_view(case, ctx.session.get(PayloadRow, case.payload_id) if case.payload_id else None)


def case_view(case: CaseRow, payload: PayloadRow | None) -> Case:
    """Give a case with its accepted form as its line may see it."""
    values = dict((payload.content or {}).get("values", {})) if payload else {}
    return Case(case.id, case.case_no or "", case.item_code, case.state, case.person_id, case.accepted_at, values)
