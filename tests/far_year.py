"""A worker process in a far year, which lists and erases what is done today; cases at their end."""

from datetime import UTC, datetime

from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.delivery.models import DeliveryEventRow, DeliveryRow
from workbench.jobs.retention import erase_released, list_due
from workbench.jobs.workshop import Workshop
from workbench.retention.models import ErasureRow
from workbench.store.clock import Clock
from workbench.store.context import Context

#: Twenty years after everything in these tests happened.
LATER = datetime(2046, 11, 2, 4, tzinfo=UTC)


class At(Clock):
    """A clock that stands still."""

    def __init__(self, moment: datetime = LATER) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Night:
    """What a worker process and an authorised person do in the far year."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop

    def look(self) -> list[ErasureRow]:
        list_due(self.workshop)
        return self.rows()

    def rows(self) -> list[ErasureRow]:
        with self.workshop.store.read() as session:
            found = list(session.exec(select(ErasureRow).order_by(ErasureRow.mark)))
            session.expunge_all()
        return found

    def erase(self) -> None:
        erase_released(self.workshop)


def conclude(ctx: Context, case: CaseRow, result: str = "refused") -> None:
    """Let a case be at its end, with everything a department said of it."""
    case.state, case.concluded_at, case.result = "concluded", ctx.clock.now(), result
    for delivery in ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case.id)):
        delivery.state, delivery.reference = "done", "D-1"
        ctx.session.add(
            DeliveryEventRow(delivery_id=delivery.id, at=ctx.clock.now(), state="done", proof=b"answer of theirs")
        )
    ctx.session.flush()
