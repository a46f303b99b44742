"""Which lines are open at a hub: the one tuple that hooks, URLs, catalogue and jobs all read.

Cached by the hub's version number, which every change of its lines increases; so the cache is
right in every process without asking anybody.
"""

from datetime import date, datetime
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from ..api.nouns import Hub
from ..host.discover import Installed, Line
from ..store.context import Context
from ..store.engine import Store
from ..store.first import ensure_row
from ..store.problems import Problem
from ..store.rows import prepare, run
from .lock import lock_hub
from .models import AdmissionRow, HubRow, OpenLineRow

#: Asked by every request.
HUB = prepare(
    select_columns(*(col(getattr(HubRow, name)) for name in ("id", "name_zh", "name_en", "division", "version"))).where(
        col(HubRow.id) == bindparam("hub")
    )
)
#: Hub -> its version and the lines open under it, by database.
_cache: WeakKeyDictionary[Engine, dict[str, tuple[int, tuple[str, ...]]]] = WeakKeyDictionary()
_lock = Lock()


def find_hub(session: Session, hub_id: str) -> Hub | None:
    """Find a hub as others may see it."""
    row = run(session, HUB, hub=hub_id).first()
    return Hub(*row) if row else None


def open_lines(session: Session, hub: Hub, installed: Installed) -> tuple[Line, ...]:
    """Give the lines open at a hub, in its order; only those that are ready."""
    return installed.ready_among(_open_ids(session, hub))


def is_open(session: Session, hub: Hub, installed: Installed, line_id: str) -> bool:
    """Tell whether a line is open at a hub and can be used."""
    return any(line.id == line_id for line in open_lines(session, hub, installed))


def _open_ids(session: Session, hub: Hub) -> tuple[str, ...]:
    engine = session.get_bind().engine
    known = _cache.get(engine, {}).get(hub.id)
    if known and known[0] == hub.version:
        return known[1]
    query = select(OpenLineRow.line_id).where(OpenLineRow.hub_id == hub.id, col(OpenLineRow.closed_at).is_(None))
    ids = tuple(session.exec(query.order_by(col(OpenLineRow.position), col(OpenLineRow.line_id))))
    with _lock:
        _cache.setdefault(engine, {})[hub.id] = (hub.version, ids)
    return ids


def forget_hub(store: Store, hub_id: str) -> None:
    """Let go of what is kept of a hub that is no more."""
    with _lock:
        _cache.get(store.engine, {}).pop(hub_id, None)


def admissions_in_force(session: Session, hub_id: str, line_id: str, day: date) -> list[AdmissionRow]:
    """List the admissions under which a line may be open at a hub on a day."""
    a = AdmissionRow
    query = select(a).where(a.hub_id == hub_id, a.line_id == line_id, col(a.ended_at).is_(None), a.valid_from <= day)
    return list(session.exec(query.where(or_(col(a.valid_to).is_(None), col(a.valid_to) >= day)).order_by(col(a.id))))


def open_line(ctx: Context, installed: Installed, line_id: str) -> None:
    """Open a line at the context's hub, or open it again at its old place; safe twice.

    Raises Problem when the line cannot be used, or nobody has admitted it for today.
    """
    line = installed.line(line_id)
    if line is None or line.state != "ready":
        reason = line.reason if line else "not installed"
        zh, en = f"条线不可用：{reason}", f"This line cannot be opened: {reason}"
        raise Problem("line_not_ready", zh, en)
    if not admissions_in_force(ctx.session, ctx.hub.id, line_id, ctx.clock.today()):
        zh = "此条线在本站点没有有效的准入登记。请先登记准入，再开通。"
        raise Problem("not_admitted", zh, "Nobody has admitted this line here for today. Record its admission first.")
    hub = lock_hub(ctx)  # one opening at a time takes the next place
    last = ctx.session.exec(select(func.max(OpenLineRow.position)).where(OpenLineRow.hub_id == ctx.hub.id)).one()
    at, by, place = ctx.clock.now(), ctx.actor.id, (last or 0) + 1
    opened = OpenLineRow(hub_id=ctx.hub.id, line_id=line_id, position=place, opened_at=at, opened_by=by)
    row = ensure_row(ctx.session, opened)
    row.closed_why = ""
    _mark(ctx, hub, row, None)


def close_line(ctx: Context, line_id: str, why: str = "admin") -> bool:
    """Close a line at the context's hub: it leaves menu, URLs, search and jobs; its cases stay readable.

    Tells whether it was open. Safe twice: what is closed stays closed for the reason it was.
    """
    hub = lock_hub(ctx)
    row = ctx.session.get(OpenLineRow, (ctx.hub.id, line_id), with_for_update=True)
    if row is None or row.closed_at is not None:
        return False
    row.closed_why = why
    _mark(ctx, hub, row, ctx.clock.now())
    return True


def move_line(ctx: Context, line_id: str, position: int) -> None:
    """Give an open line another place in the hub's order."""
    hub = lock_hub(ctx)
    row = ctx.session.get_one(OpenLineRow, (ctx.hub.id, line_id), with_for_update=True)
    row.position = position
    _mark(ctx, hub, row, row.closed_at)


def _mark(ctx: Context, hub: HubRow, row: OpenLineRow, closed_at: datetime | None) -> None:
    row.closed_at = closed_at
    ctx.session.add(row)
    hub.version += 1
    ctx.session.add(hub)
