"""How every installed line stands at one hub: also those that cannot be used, with owner, file and reason."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..catalogue.items import Catalogue, ItemFault
from ..delivery.health import OPEN
from ..delivery.models import DeliveryRow
from ..host.discover import Installed, Line
from ..hubs.models import OpenLineRow
from ..hubs.versions import versions_in_use
from ..opening.notices import admitted_until
from ..store.context import Context
from .versions import is_stale, waiting_version


@dataclass(frozen=True, slots=True)
class Standing:
    """One line at one hub."""

    line: Line
    is_open: bool
    position: int | None  # its place among the open lines, from 1
    items: int
    faults: tuple[ItemFault, ...]
    open_cases: int
    drafts: int
    under_way: int  # deliveries the department does not have yet, or has not answered
    closed_why: str  # "", "admin", "expired", "withdrawn"
    admitted_until: date | None  # date.max for no end; None when it is not admitted today
    waiting: str = ""  # the version that is installed and not in use
    is_stale: bool = False  # this process runs another version than the one in use

    @property
    def file(self) -> str:
        """The file to look at when the line is not ready."""
        return str(self.line.folder / "line.toml") if self.line.folder.name else self.line.package

    @property
    def owner(self) -> str:
        """Who answers for the line: name, phone and address, as far as it says."""
        if self.line.manifest is None:
            return ""
        owner = self.line.manifest.owner
        return " ".join(part for part in (owner.name, owner.phone, owner.email) if part)


def line_standings(ctx: Context, installed: Installed, catalogue: Catalogue) -> list[Standing]:
    """List all installed lines, the open ones first in their order. Five queries, however many lines."""
    session, hub_id = ctx.session, ctx.hub.id
    why, admitted = _closed_why(session, hub_id), admitted_until(ctx)
    order = [line_id for line_id, closed in why.items() if closed is None and installed.line(line_id)]
    states = _count_cases(session, hub_id)
    under_way = _count_deliveries(session, hub_id, installed)
    in_use = versions_in_use(session)
    items = Counter(line_id for line_id, _ in {(item.line_id, item.code) for item in catalogue.items})
    found = [
        Standing(
            line=line,
            is_open=line.id in order,
            position=order.index(line.id) + 1 if line.id in order else None,
            items=items[line.id],
            faults=tuple(fault for fault in catalogue.faults if fault.line_id == line.id),
            open_cases=sum(states[line.id, state] for state in OPEN_STATES),
            drafts=states[line.id, "draft"],
            under_way=under_way[line.id],
            closed_why=why.get(line.id) or "",
            admitted_until=admitted.get(line.id),
            waiting=waiting_version(line),
            is_stale=is_stale(line, in_use.get(line.id)),
        )
        for line in installed.lines
    ]
    return sorted(found, key=lambda one: (one.position is None, one.position or 0, one.line.id))


def open_order(session: Session, hub_id: str, installed: Installed) -> list[str]:
    """Give the ids of the lines opened at a hub, in its order; also of one that broke since."""
    query = select(OpenLineRow.line_id).where(OpenLineRow.hub_id == hub_id, col(OpenLineRow.closed_at).is_(None))
    known = {line.id for line in installed.lines}
    ids = session.exec(query.order_by(col(OpenLineRow.position), col(OpenLineRow.line_id)))
    return [line_id for line_id in ids if line_id in known]


def _closed_why(session: Session, hub_id: str) -> dict[str, str | None]:
    """Tell for the lines that stand at a hub, in its order, why each is closed; None for an open one."""
    query = select(OpenLineRow.line_id, OpenLineRow.closed_at, OpenLineRow.closed_why)
    rows = session.exec(
        query.where(OpenLineRow.hub_id == hub_id).order_by(col(OpenLineRow.position), col(OpenLineRow.line_id))
    )
    return {line_id: None if closed_at is None else why for line_id, closed_at, why in rows}


def _count_cases(session: Session, hub_id: str) -> Counter[tuple[str, str]]:
    states: Iterable[str] = (*OPEN_STATES, "draft")
    query = select(CaseRow.line_id, CaseRow.state, func.count()).where(CaseRow.hub_id == hub_id)
    query = query.where(col(CaseRow.state).in_(states)).group_by(col(CaseRow.line_id), col(CaseRow.state))
    return Counter({(line_id, state): count for line_id, state, count in session.exec(query)})


def _count_deliveries(session: Session, hub_id: str, installed: Installed) -> Counter[str]:
    query = select(DeliveryRow.platform_id, func.count()).where(DeliveryRow.hub_id == hub_id)
    query = query.where(col(DeliveryRow.state).in_((*OPEN, "sent"))).group_by(col(DeliveryRow.platform_id))
    lines = {p.id: p.manifest.line for p in installed.platforms if p.manifest}
    counted: Counter[str] = Counter()
    for platform_id, count in session.exec(query):
        counted[lines.get(platform_id, "")] += count
    return counted
