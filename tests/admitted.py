"""Lines that are or may be open in tests: admitted without an end, their rehearsal waived."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import Session

from workbench.host.discover import Line
from workbench.hubs.models import AdmissionRow, HubRow, OpenLineRow
from workbench.opening.models import RehearsalRow
from workbench.store.context import Context
from workbench.store.ids import new_id

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def admit_lines(session: Session, hub: str, line_ids: Iterable[str]) -> None:
    """Write admissions without an end for lines at a hub."""
    for line_id in line_ids:
        admission = AdmissionRow(
            id=new_id(), hub_id=hub, line_id=line_id, approved_by="测试街道", directory="测试目录", origin="recorded",
            valid_from=LONG_AGO.date(), made_by="system", made_at=LONG_AGO,
        )  # fmt: skip
        session.add(admission)
    session.flush()


def open_lines(ctx: Context, lines: Iterable[Line]) -> None:
    """Open many lines at once at a hub where none is open; `open_line` looks and marks the hub for each."""
    for position, line in enumerate(lines, start=1):
        row = OpenLineRow(
            hub_id=ctx.hub.id, line_id=line.id, position=position, opened_at=ctx.clock.now(), opened_by=ctx.actor.id
        )
        ctx.session.add(row)
    ctx.session.get_one(HubRow, ctx.hub.id).version += 1
    ctx.session.flush()


def wave_through(session: Session, hub: str, lines: Iterable[Line]) -> None:
    """Admit these lines at a hub and waive their rehearsals."""
    ready = [line for line in lines if line.manifest]
    admit_lines(session, hub, [line.id for line in ready])
    for line in ready:
        assert line.manifest is not None
        row = RehearsalRow(
            id=new_id(), hub_id=hub, line_id=line.id, line_version=line.manifest.version, state="waived",
            reason="测试", asked_by="system", asked_at=LONG_AGO, ended_at=LONG_AGO,
        )  # fmt: skip
        session.add(row)
    session.flush()
