"""How lines and platforms fare here, on one page: last call, failed share, queue, oldest, version, endings, faults."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response

from ..catalogue.loaded import catalogue
from ..delivery.health import PlatformState, platform_states
from ..host.discover import Line, Platform
from ..hubs.open_lines import open_lines
from ..opening.fares import Calls, Ending, calls_of_a_day, endings, queues_here
from ..opening.faults import list_faults
from ..opening.models import LineFaultRow
from ..opening.notices import admitted_until
from ..web.acting import reading
from ..web.permit import permit
from ..web.services import services
from .board import worker_seen
from .frame import ROOT, admin_page, blueprint


@dataclass(frozen=True)
class PlatformFare:
    """How one platform fares, and what of this hub waits for it."""

    platform: Platform
    state: PlatformState | None
    calls: Calls
    depth: int
    needs_people: int
    oldest: Any

    @property
    def health(self) -> str:
        return self.state.health if self.state else "unknown"

    @property
    def last_call(self) -> datetime | None:
        """Tell when it was last called: by a parcel that arrived, or by a look."""
        times = (self.state.last_ok_at, self.state.checked_at) if self.state else ()
        return max((at for at in times if at), default=None)


@dataclass(frozen=True)
class LineFare:
    """How one open line fares."""

    line: Line
    platforms: tuple[PlatformFare, ...]
    admitted_until: date | None
    endings: tuple[Ending, ...]
    faults: tuple[LineFaultRow, ...]


@blueprint.get(f"{ROOT}/health")
@permit("configure")
def health(hub: str) -> Response:
    """Show how the lines that are open here fare; asked again by the page itself."""
    ctx, fares = reading(), _fares()
    rows = [{"fare": fare, "platform": one} for fare in fares for one in fare.platforms or (None,)]
    told: dict[str, Any] = {"worker_seen": worker_seen(ctx.session), "now": ctx.clock.now()}
    return admin_page("health.html", "health", block="fares", fares=fares, rows=rows, **told)


def _fares() -> list[LineFare]:
    """Seven queries, however many lines and platforms."""
    ctx, installed = reading(), services().installed
    lines = open_lines(ctx.session, ctx.hub, installed)
    states = {state.platform_id: state for state in platform_states(ctx.session)}
    calls, queues, until = calls_of_a_day(ctx), queues_here(ctx), admitted_until(ctx)
    faults, today = list_faults(ctx), ctx.clock.today()
    items = catalogue(installed).items

    def fare(one: Platform) -> PlatformFare:
        depth, people, oldest = queues.get(one.id, (0, 0, None))
        return PlatformFare(one, states.get(one.id), calls.get(one.id, Calls()), depth, people, oldest)

    return [
        LineFare(
            line=line,
            platforms=tuple(fare(one) for one in installed.platforms if one.manifest and one.manifest.line == line.id),
            admitted_until=until.get(line.id),
            endings=tuple(endings(line, items, today)),
            faults=tuple(fault for fault in faults if fault.line_id == line.id),
        )
        for line in lines
    ]
