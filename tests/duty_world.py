"""What tests of duty share."""

from sqlmodel import select

from workbench.staff.models import WorkerRow
from workbench.store.context import Context


def id_of(ctx: Context, username: str) -> str:
    """Give the id of a worker of the small world."""
    return ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == username)).one()
