"""Everything the page of one case shows, read in a number of queries that does not grow with the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..api.manifest import ItemManifest
from ..catalogue.freeze import frozen_item
from ..catalogue.loaded import catalogue
from ..delivery.models import PayloadRow
from ..delivery.standing import Standing, platform_names, read_standings
from ..host.discover import Installed
from ..people.view import IdentityBar, identity_bar
from ..staff.cover_models import CoverRow
from ..staff.models import WorkerRow
from ..store.clock import local
from ..store.context import Context
from ..store.rows import prepare, run
from .beside import others_beside
from .calendar import load_calendar
from .clock import Due, judge
from .models import CaseMaterialRow, CaseRow, StepRow
from .moves import OPEN_STATES
from .next_step import NextStep, next_step
from .timeline import Entry, read_timeline


@dataclass(frozen=True, slots=True)
class Progress:
    """What changes while one watches: state, due day, deliveries, steps, timeline."""

    case: Any  # a row of CASE
    item: ItemManifest | None
    due: Due
    next: NextStep
    deliveries: list[Standing]
    steps: list[Any]
    timeline: list[Entry]
    owner: str
    beside: tuple[str, ...]  # others who have it open now
    is_new: bool  # this worker is not yet noted as having it open

    @property
    def is_moving(self) -> bool:
        """Tell whether a delivery is under way by itself."""
        return any(delivery.is_moving for delivery in self.deliveries)

    def mark(self) -> tuple[Any, ...]:
        """Give what tells whether anything changed since the page was drawn."""
        entry = self.timeline[0].at if self.timeline else None
        return (
            self.case.version,
            self.due,
            self.deliveries,
            self.steps,
            len(self.timeline),
            entry,
            self.beside,
            self.case.cover_id,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """The whole page."""

    progress: Progress
    person: IdentityBar
    content: Mapping[str, Any]
    materials: list[Any]


#: A case with what its page says of it, for reading: its columns have the names they have in CaseRow.
_NOW = bindparam("now", type_=UTCDateTime())
_COVER, _STANDS_IN = aliased(CoverRow), aliased(WorkerRow)
CASE = prepare(
    select(
        *(col(getattr(CaseRow, name)) for name in CaseRow.model_fields),
        col(WorkerRow.name).label("owner"),
        col(PayloadRow.content),
        col(_COVER.id).label("cover_id"),
        col(_COVER.to_id).label("cover_to"),
        col(_COVER.ends_at).label("cover_ends"),
        col(_STANDS_IN.name).label("cover_name"),
    )
    .outerjoin(WorkerRow, col(WorkerRow.id) == col(CaseRow.owner_id))
    .outerjoin(
        _COVER,
        (col(_COVER.from_id) == col(CaseRow.owner_id))
        & (col(_COVER.line_id) == col(CaseRow.line_id))
        & (col(_COVER.hub_id) == col(CaseRow.hub_id))
        & (col(_COVER.starts_at) <= _NOW)
        & (col(_COVER.ends_at) > _NOW),
    )
    .outerjoin(_STANDS_IN, col(_STANDS_IN.id) == col(_COVER.to_id))
    .outerjoin(PayloadRow, col(PayloadRow.id) == col(CaseRow.payload_id))
    .where(col(CaseRow.id) == bindparam("case"), col(CaseRow.hub_id) == bindparam("hub"))
)
_OF_CASE: Any = bindparam("case")
STEPS = prepare(
    select(*(col(getattr(StepRow, name)) for name in StepRow.model_fields))
    .where(col(StepRow.case_id) == _OF_CASE)
    .order_by(col(StepRow.position))
)
MATERIALS = prepare(
    select(*(col(getattr(CaseMaterialRow, name)) for name in ("key", "state", "note", "supply_by"))).where(
        col(CaseMaterialRow.case_id) == _OF_CASE
    )
)


def look_at(ctx: Context, case_id: str) -> Any:
    """Give a case of the context's hub for reading, or None. One query."""
    return run(ctx.session, CASE, case=case_id[:26], hub=ctx.hub.id, now=ctx.clock.now()).first()


def item_of(ctx: Context, installed: Installed, case: CaseRow) -> ItemManifest | None:
    """Give the item a case was accepted under, as it was then."""
    return frozen_item(ctx.session, catalogue(installed), case.item_digest)


def read_progress(ctx: Context, installed: Installed, case: Any) -> Progress:
    """Read how a case given by `look_at` stands. Six queries."""
    item, deliveries = item_of(ctx, installed, case), read_standings(ctx.session, case.id, installed)
    return Progress(
        case,
        item,
        due_of(ctx, case),
        next_step(case, deliveries),
        deliveries,
        run(ctx.session, STEPS, case=case.id).all(),
        read_timeline(ctx.session, case.id, item, platform_names(installed)),
        case.owner or "",
        *others_beside(ctx, case.id),
    )


def due_of(ctx: Context, case: CaseRow) -> Due:
    """Judge the due day of a case today."""
    accepted: date | None = local(case.accepted_at).date() if case.accepted_at else None
    is_open = case.state in OPEN_STATES and case.state not in ("correction", "suspended")
    return judge(accepted, case.due_on, ctx.clock.today(), load_calendar(ctx.session), is_open, limit=case.limit_days)


def read_look(ctx: Context, installed: Installed, case: Any) -> Look:
    """Read everything about a case given by `look_at`. Eight queries."""
    return Look(
        progress=read_progress(ctx, installed, case),
        person=identity_bar(ctx, case.person_id, citywide=True),
        content=case.content or {},
        materials=run(ctx.session, MATERIALS, case=case.id).all(),
    )
