"""Lists what waits at a hub: narrow rows, one query, the nearest due day first."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, exists, func, select

from ..hubs.models import OpenLineRow
from ..people.models import PersonRow
from ..store.context import Context
from .models import AgendaRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """One proposal."""

    id: str
    kind: str
    line_id: str
    item_code: str
    person_id: str
    person_name: str
    case_id: str
    due_on: date
    note_zh: str
    note_en: str
    basis: str

    @property
    def by_night(self) -> bool:
        """Whether the night's comparison proposed it."""
        return self.basis != ""


#: What old cases left behind waits for people of a closed line too; the rest comes back when the line does.
LEFT_BEHIND = ("stop", "sample")
STANDS = col(AgendaRow.kind).in_(LEFT_BEHIND) | (
    exists()
    .where(
        col(OpenLineRow.hub_id) == col(AgendaRow.hub_id),
        col(OpenLineRow.line_id) == col(AgendaRow.line_id),
        col(OpenLineRow.closed_at).is_(None),
    )
    .correlate(AgendaRow)
)


def waiting(ctx: Context, kind: str = "", limit: int = 51, *, after: tuple[str, str] | None = None) -> list[Waiting]:
    """List what waits at the hub; without a kind everything but the automatic lists, which are confirmed as a whole."""
    columns = (
        col(AgendaRow.id), col(AgendaRow.kind), col(AgendaRow.line_id), col(AgendaRow.item_code),
        col(AgendaRow.person_id), col(PersonRow.name), col(AgendaRow.case_id), col(AgendaRow.due_on),
        col(AgendaRow.note_zh), col(AgendaRow.note_en), col(AgendaRow.basis),
    )  # fmt: skip
    query = select(*columns).join(PersonRow, col(PersonRow.id) == col(AgendaRow.person_id))  # type: ignore[call-overload]
    query = query.where(col(AgendaRow.hub_id) == ctx.hub.id, col(AgendaRow.state) == "open")
    kinds = col(AgendaRow.kind) == kind if kind else col(AgendaRow.kind).not_in(("automatic", "entitled"))
    query = query.where(kinds, STANDS)
    if after:
        day = _day(after[0])
        query = query.where(
            (col(AgendaRow.due_on) > day) | ((col(AgendaRow.due_on) == day) & (AgendaRow.id > after[1]))
        )
    return [Waiting(*row) for row in ctx.session.exec(query.order_by(col(AgendaRow.due_on), AgendaRow.id).limit(limit))]


def count_automatic(ctx: Context) -> int:
    """Count who stands on automatic lists that nobody has confirmed."""
    query = select(func.count()).where(col(AgendaRow.hub_id) == ctx.hub.id, col(AgendaRow.state) == "open")
    return ctx.session.exec(query.where(col(AgendaRow.kind) == "automatic", STANDS)).one()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def get_waiting(ctx: Context, row_id: str, *, lock: bool = True) -> AgendaRow | None:
    """Give a proposal of the hub, locked unless it is only to be read."""
    row = ctx.session.get(AgendaRow, row_id[:26], with_for_update=lock or None)
    return row if row is not None and row.hub_id == ctx.hub.id else None
