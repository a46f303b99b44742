"""Compares our books with a department's, parcel by parcel, and keeps what differs as work for a person.

Ours to theirs: the department is asked (`find`) for what we call delivered, and for what stopped on the way.
Theirs to ours: what they report of parcels we do not know is in quarantine (`outcomes`). A department that
restored yesterday's backup shows itself: it lacks everything after a moment, and nothing before it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, and_, col, func, or_, select

from ..api.adapter import Adapter
from ..api.errors import AdapterError
from .models import DeliveryRow, DifferenceRow, OutcomeRow, ReconciliationRow

#: How far back we ask, and for how many parcels of a platform at most in one night.
DAYS, MOST = timedelta(days=7), 5000
DELIVERED = ("accepted", "done")
#: Stopped on the way, where the department may have it all the same.
STOPPED = ("outcome-unknown", "broken-promise", "held")
#: So many parcels missing there, all of them newer than all that are there: a backup was put back.
FEW = 3


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel to be asked for."""

    key: str
    hub_id: str
    case_no: str
    state: str
    reference: str
    accepted_at: datetime | None


@dataclass(slots=True)
class Compared:
    """What one night's questions brought."""

    asked: int = 0
    same: int = 0
    missing: list[Parcel] = field(default_factory=list)
    found: list[tuple[Parcel, str, bytes]] = field(default_factory=list)  # stopped here, but they have it
    numbers: list[tuple[Parcel, str, bytes]] = field(default_factory=list)  # under another number
    agreeing: list[Parcel] = field(default_factory=list)
    trouble: str = ""


def to_ask(session: Session, platform_id: str, now: datetime) -> list[Parcel]:
    """List what a platform is to be asked for, the newest first."""
    d = DeliveryRow
    delivered = and_(col(d.state).in_(DELIVERED), col(d.accepted_at) >= now - DAYS)
    stopped = and_(col(d.state).in_(("needs-people", "parked")), col(d.reason).in_(STOPPED))
    query = select(d.id, d.hub_id, d.case_no, d.state, d.reference, d.accepted_at)  # type: ignore[call-overload]
    query = query.where(d.platform_id == platform_id, or_(delivered, stopped))
    return [Parcel(*row) for row in session.exec(query.order_by(col(d.id).desc()).limit(MOST))]


def ask(adapter: Adapter, parcels: Iterable[Parcel], rest: Callable[[], bool]) -> Compared:
    """Ask a platform for one parcel after the other; trouble ends the asking, what is known stays.

    `rest` is done between two questions; True ends the asking.
    """
    compared = Compared()
    for parcel in parcels:
        try:
            receipt = adapter.find(parcel.key)
        except AdapterError as error:
            compared.trouble = error.text[:500]
            break
        except (Exception, SystemExit) as error:
            compared.trouble = f"unexpected {type(error).__name__}"
            break
        compared.asked += 1
        if receipt is None and parcel.state in DELIVERED:
            compared.missing.append(parcel)
        elif receipt is not None and parcel.state not in DELIVERED:
            compared.found.append((parcel, receipt.reference, receipt.proof))
        elif receipt is not None and receipt.reference and parcel.reference not in ("", receipt.reference):
            compared.numbers.append((parcel, receipt.reference, receipt.proof))
        else:
            compared.same += 1
            compared.agreeing.append(parcel)
        if rest():
            compared.trouble = "the worker process was stopped"
            break
    return compared


def restored_after(compared: Compared) -> datetime | None:
    """Tell from when on a department lacks everything, if that is what it looks like."""
    lacking = [parcel.accepted_at for parcel in compared.missing if parcel.accepted_at]
    having = [parcel.accepted_at for parcel in compared.agreeing if parcel.accepted_at]
    if len(lacking) < FEW or (having and max(having) >= min(lacking)):
        return None
    return min(lacking)


def write(session: Session, platform_id: str, compared: Compared, began: datetime, now: datetime) -> ReconciliationRow:
    """Keep what was found: one row for the night, one for each difference that is not known yet."""
    strays = select(func.count()).select_from(OutcomeRow).where(OutcomeRow.platform_id == platform_id)
    run = ReconciliationRow(
        platform_id=platform_id,
        began_at=began,
        ended_at=now,
        asked=compared.asked,
        same=compared.same,
        missing=len(compared.missing),
        differing=len(compared.found) + len(compared.numbers),
        strays=session.exec(strays.where(OutcomeRow.delivery_id == "", OutcomeRow.settled_by == "")).one(),
        restored_after=restored_after(compared),
        trouble=compared.trouble,
    )
    session.add(run)
    known = _known(session, platform_id)
    _settle_agreeing(session, platform_id, compared.agreeing, now)
    new = [(parcel, "not-there", "", b"") for parcel in compared.missing]
    new += [(parcel, "there", reference, proof) for parcel, reference, proof in compared.found]
    new += [(parcel, "number", reference, proof) for parcel, reference, proof in compared.numbers]
    for parcel, kind, reference, proof in new:
        if (parcel.key, kind) not in known:
            session.add(_difference(platform_id, parcel, kind, reference, proof, now))
    return run


def _difference(
    platform_id: str, parcel: Parcel, kind: str, reference: str, proof: bytes, now: datetime
) -> DifferenceRow:
    return DifferenceRow(
        platform_id=platform_id,
        hub_id=parcel.hub_id,
        delivery_id=parcel.key,
        case_no=parcel.case_no,
        kind=kind,
        ours=parcel.reference,
        theirs=reference,
        proof=proof or None,
        found_at=now,
    )


def _known(session: Session, platform_id: str) -> set[tuple[str, str]]:
    query = select(DifferenceRow.delivery_id, DifferenceRow.kind).where(DifferenceRow.platform_id == platform_id)
    return set(session.exec(query.where(col(DifferenceRow.settled_at).is_(None))).all())


def _settle_agreeing(session: Session, platform_id: str, agreeing: Sequence[Parcel], now: datetime) -> None:
    """What agrees again needs nobody any more."""
    keys = {parcel.key for parcel in agreeing}
    query = select(DifferenceRow).where(DifferenceRow.platform_id == platform_id)
    for row in session.exec(query.where(col(DifferenceRow.settled_at).is_(None))):
        if row.delivery_id in keys:
            row.settled_at, row.settled_by, row.settled_how = now, "system", "agrees"


def last_runs(session: Session) -> list[ReconciliationRow]:
    """Give the newest comparison of each platform."""
    newest = select(func.max(ReconciliationRow.id)).group_by(col(ReconciliationRow.platform_id))
    rows = select(ReconciliationRow).where(col(ReconciliationRow.id).in_(newest))
    return list(session.exec(rows.order_by(ReconciliationRow.platform_id)))


def open_differences(session: Session, hub_id: str, limit: int = 200) -> list[DifferenceRow]:
    """List what a person of this hub has to settle, the oldest first."""
    query = select(DifferenceRow).where(DifferenceRow.hub_id == hub_id, col(DifferenceRow.settled_at).is_(None))
    return list(session.exec(query.order_by(col(DifferenceRow.id)).limit(limit)))
