"""Cases of the token's hub: hand one in, list them, look at one. Every look is in the trail."""

from datetime import date
from typing import Any, Literal

from sqlalchemy import select
from sqlmodel import col

from ..cases.look import Progress, look_at, read_progress
from ..cases.models import CaseRow
from ..cases.tell_line import tell_line
from ..cases.timeline import Entry
from ..cases.words import state_words
from ..delivery.models import DeliveryRow
from ..identity.audit import record
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.services import services
from .deliveries import DeliveryTold, read_deliveries
from .intake import NewCase, hindrances, take_in
from .operations import operation
from .problems import OneProblem, tell
from .shapes import After, Asked, Limit, Moment, Shape, Words

State = Literal[
    "draft", "accepted", "refused", "correction", "reviewing", "suspended", "decided",
    "concluded", "delivered", "archived", "withdrawn", "returned", "voided",
]  # fmt: skip
MOST_DELIVERIES = 200


class CasesAsked(Asked):
    """Which cases, newest first; drafts are this token's own."""

    state: State | None = None
    after: After = ""
    limit: Limit = 20


class CaseLine(Shape):
    """One case in a list; whose it is is told by id only."""

    id: str
    case_no: str | None
    item_code: str
    line_id: str
    person_id: str
    state: str
    due_on: date | None
    result: str
    reference: str
    accepted_at: Moment | None
    updated_at: Moment


class CasePage(Shape):
    """A page of cases; `next` is null on the last."""

    cases: list[CaseLine]
    next: str | None


class Taken(Shape):
    """The case an order became. `hindrances` is what a draft still lacks."""

    id: str
    case_no: str | None
    state: str
    due_on: date | None
    hindrances: list[OneProblem]


class EntryTold(Shape):
    """One thing that happened."""

    at: Moment
    title: Words
    text: Words
    who: Words


class NextTold(Shape):
    """What happens next and who acts."""

    text: Words
    who: Words


class CaseTold(CaseLine):
    """One case, as it stands; the timeline is newest first."""

    item_version: str
    title: Words
    state_name: Words
    step: str
    step_by: str
    result_text: str
    concluded_at: Moment | None
    version: int
    next: NextTold
    timeline: list[EntryTold]
    deliveries: list[DeliveryTold]
    hindrances: list[OneProblem]


PLAIN = tuple(CaseLine.model_fields)
COLUMNS = tuple(col(getattr(CaseRow, name)) for name in PLAIN)


@operation("POST", "/cases", scope="cases:write", answer=Taken, body=NewCase, status=(201, 200), problems=(404, 409))
def hand_in(given: NewCase) -> tuple[Taken, int]:
    """Hand a case in; the same key again gives the same case with 200."""
    taken, line_id, is_new = _take(given)
    if is_new and taken.state == "accepted":
        _tell_line(line_id, taken.id)
    return taken, 201 if is_new else 200


def _take(given: NewCase) -> tuple[Taken, str, bool]:
    with writing() as ctx:
        case, hindering, is_new = take_in(ctx, given)
        line_id = case.line_id
        taken = Taken(
            id=case.id, case_no=case.case_no, state=case.state, due_on=case.due_on, hindrances=tell(hindering)
        )
    return taken, line_id, is_new


def _tell_line(line_id: str, case_id: str) -> None:
    close_reading()  # what this request has read so far is older than the case
    shop = services()
    tell_line(reading(), shop.caller, shop.installed, line_id, case_id, "case_accepted")


@operation("GET", "/cases", scope="cases:read", answer=CasePage, query=CasesAsked, purpose=True)
def list_cases(asked: CasesAsked, purpose: str) -> CasePage:
    """List the cases of the hub, newest first."""
    with writing() as ctx:
        found = _find(ctx, asked)
        shown = found[: asked.limit]
        for case in shown:
            record(ctx, "case.list", person_id=case.person_id, subject=f"case:{case.id}", purpose=purpose)
    return CasePage(cases=shown, next=shown[-1].id if len(found) > len(shown) else None)


@operation("GET", "/cases/<case_id>", scope="cases:read", answer=CaseTold, purpose=True)
def show_case(case_id: str, purpose: str) -> CaseTold:
    """Show a case with its timeline and its deliveries."""
    with writing() as ctx:
        case = look_at(ctx, case_id) if len(case_id) == 26 else None
        if case is None or (case.state == "draft" and case.owner_id != ctx.actor.id):
            raise Problem("no_such_case", "本站点没有此办件。", "This hub has no such case.")
        record(ctx, "case.look", person_id=case.person_id, subject=f"case:{case.id}", purpose=purpose)
        return _tell(ctx, read_progress(ctx, services().installed, case))


def _find(ctx: Context, asked: CasesAsked) -> list[CaseLine]:
    is_seen = (col(CaseRow.state) != "draft") | (col(CaseRow.owner_id) == ctx.actor.id)
    query = select(*COLUMNS).where(col(CaseRow.hub_id) == ctx.hub.id, is_seen)
    if asked.state:
        query = query.where(col(CaseRow.state) == asked.state)
    if asked.after:
        query = query.where(col(CaseRow.id) < asked.after)
    rows = ctx.session.execute(query.order_by(col(CaseRow.id).desc()).limit(asked.limit + 1))
    return [CaseLine(**row._asdict()) for row in rows]


def _tell(ctx: Context, progress: Progress) -> CaseTold:
    case, following = progress.case, progress.next
    zh, en = state_words(case.state)
    kept: dict[str, Any] = {name: getattr(case, name) for name in (*PLAIN, "item_version", "step", "step_by")}
    return CaseTold(
        **kept,
        title=Words(zh=case.title_zh, en=case.title_en),
        state_name=Words(zh=zh, en=en),
        result_text=case.result_text,
        concluded_at=case.concluded_at,
        version=case.version,
        next=NextTold(
            text=Words(zh=following.zh, en=following.en), who=Words(zh=following.who_zh, en=following.who_en)
        ),
        timeline=[_entry(entry) for entry in progress.timeline],
        deliveries=read_deliveries(ctx, col(DeliveryRow.case_id) == case.id, limit=MOST_DELIVERIES),
        hindrances=tell(hindrances(ctx, case)),
    )


def _entry(entry: Entry) -> EntryTold:
    return EntryTold(
        at=entry.at,
        title=Words(zh=entry.title_zh, en=entry.title_en),
        text=Words(zh=entry.text_zh, en=entry.text_en),
        who=Words(zh=entry.who_zh, en=entry.who_en),
    )
