"""How every installed platform is, with what waits for it and what to do, in plain words."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from ..delivery.health import PlatformState, platform_states
from ..delivery.models import DeliveryRow, PlatformRow, WorkerProcessRow
from ..host.discover import Installed, Platform
from ..web.language import _, bilingual


@dataclass(frozen=True, slots=True)
class Standing:
    """One platform; `state` is None while nobody has looked at it and nothing was sent."""

    platform: Platform
    state: PlatformState | None
    next_try: datetime | None

    @property
    def health(self) -> str:
        return self.state.health if self.state else "unknown"

    @property
    def name(self) -> str:
        manifest = self.platform.manifest
        return bilingual(manifest.name_zh, manifest.name_en) if manifest else self.platform.id


def board(session: Session, installed: Installed) -> list[Standing]:
    """List all installed platforms. Three statements, however many platforms."""
    states = {state.platform_id: state for state in platform_states(session)}
    tries = _next_tries(session)
    return [Standing(one, states.get(one.id), tries.get(one.id)) for one in installed.platforms]


def _next_tries(session: Session) -> dict[str, datetime]:
    """Tell when each platform with waiting parcels is tried next: when they are due, or when it is looked at again."""
    due = (
        select(DeliveryRow.platform_id, func.min(DeliveryRow.due_at))
        .where(DeliveryRow.state == "waiting")
        .group_by(col(DeliveryRow.platform_id))
    )
    closed = select(PlatformRow.platform_id, PlatformRow.closed_until).where(col(PlatformRow.closed_until).is_not(None))
    looked = {platform_id: until for platform_id, until in session.exec(closed) if until is not None}
    return dict(session.exec(due).all()) | looked


def worker_seen(session: Session) -> datetime | None:
    """Tell when a running worker process last gave a sign of life; None when none runs."""
    running = select(func.max(WorkerProcessRow.seen_at)).where(col(WorkerProcessRow.ended_at).is_(None))
    return session.exec(running).one()


def advice(standing: Standing) -> str:
    """Say what to do about a platform."""
    state, manifest = standing.state, standing.platform.manifest
    if manifest is None:
        return _("Its files cannot be read. Tell its owner: {reason}", reason=standing.platform.reason)
    if state is None or state.health == "unknown":
        return _("Nobody has looked yet. Check that its settings are complete, then press “Check now”.")
    if state.closed_reason == "credentials":
        return _("It does not accept our credentials. Get new ones from its owner and enter them below.")
    if state.closed_reason == "settings" or state.health == "unconfigured":
        return _("Its settings are missing or wrong. Complete them below; what waits is then sent by itself.")
    if state.closed_reason == "broken-promise":
        return _("It answered in a way its protocol does not allow. Tell its owner; parcels wait meanwhile.")
    if state.health == "down":
        down = _("It cannot be reached. Go on accepting: parcels wait and are sent by themselves once it is back.")
        return bilingual(manifest.advice_zh, manifest.advice_en) or down
    if state.health == "degraded":
        return _("It is slow or fails now and then. Parcels are tried again by themselves; nothing to do yet.")
    return _("It works. There is nothing to do.")
