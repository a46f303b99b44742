"""A hub with any number of cases: the demonstration, moved to one hub, with a trail as long as its cases."""

from datetime import date, timedelta

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from workbench.cases.models import CaseRow, DraftRow
from workbench.commands.chains import CORE
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.demo import fill_demo
from workbench.identity.models import AuditRow
from workbench.people.models import PersonKeyRow, PersonRow
from workbench.settings import Settings
from workbench.staff.models import WorkerRow
from workbench.store.engine import Store
from workbench.store.migrate import upgrade

HUB = "wutong"
#: Whose cases become those of the workers of the one hub.
SUCCESSORS = {"worker21": "worker1", "worker31": "worker1", "worker22": "worker2"}
#: Of how many cases one belongs to the resident who has the most.
FREQUENT = 40
NEWS = 10


def fill_hub(settings: Settings, store: Store, *, residents: int, cases: int) -> None:
    """Fill an empty database with so many cases at one hub."""
    upgrade(store, CORE)
    fill_demo(settings, store, residents=residents, cases=cases, today=date(2026, 11, 20))
    with store.write() as session:
        _gather(session)
        _look_at_all(session)
        _hear_of_all(session)
    if not store.is_sqlite:  # PostgreSQL looks at its tables by itself after a while, SQLite never does
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


def _gather(session: Session) -> None:
    """Move everybody and everything to one hub, and give its first resident many of the cases."""
    for table in (CaseRow, DeliveryRow, PersonRow, PersonKeyRow):
        session.execute(update(table).values(hub_id=HUB))
    workers = dict(session.exec(select(WorkerRow.username, WorkerRow.id)).all())
    for before, after in SUCCESSORS.items():
        query = update(CaseRow).where(col(CaseRow.owner_id) == workers[before])
        session.execute(query.values(owner_id=workers[after]))
    ids = session.exec(select(CaseRow.id).where(CaseRow.state != "draft").order_by(col(CaseRow.id))).all()[::FREQUENT]
    session.execute(update(CaseRow).where(col(CaseRow.id).in_(ids)).values(person_id=_first_resident(session)))
    _leave_open(session, workers["worker2"])


def _leave_open(session: Session, owner_id: str) -> None:
    """Make open forms of one worker out of those that were given up."""
    given_up = session.exec(select(CaseRow.id, CaseRow.updated_at).where(CaseRow.state == "voided")).all()
    for case_id, at in given_up:
        session.add(DraftRow(case_id=case_id, values={}, origins={}, accept_key=case_id, saved_at=at))
    session.execute(update(CaseRow).where(col(CaseRow.state) == "voided").values(state="draft", owner_id=owner_id))


def _first_resident(session: Session) -> str:
    return session.exec(select(PersonRow.id).order_by(col(PersonRow.id))).first() or ""


def _look_at_all(session: Session) -> None:
    """Write into the trail that every owner looked at every case."""
    cases = session.exec(select(CaseRow.id, CaseRow.person_id, CaseRow.owner_id, CaseRow.updated_at)).all()
    rows = [
        {
            "stream": f"filled-{owner_id}",
            "seq": number,
            "at": at + timedelta(seconds=number % 50),
            "actor_id": owner_id,
            "hub_id": HUB,
            "action": "case.look",
            "person_id": person_id,
            "subject": f"case:{case_id}",
            "purpose": "",
            "detail": {},
            "mac": b"\0" * 32,
        }
        for number, (case_id, person_id, owner_id, at) in enumerate(cases)
    ]
    session.connection().execute(insert(AuditRow), rows)


def _hear_of_all(session: Session) -> None:
    """Let the department have said something about every parcel; the last ten things are news to the cases."""
    d = DeliveryRow
    query = select(d.id, d.platform_id, d.updated_at).order_by(col(d.id))
    rows = [
        {
            "platform_id": platform_id,
            "message_id": f"filled-{delivery_id}",
            "delivery_id": delivery_id,
            "parcel_key": delivery_id,
            "status": "accepted",
            "received_at": at,
            "applied_at": at,
        }
        for delivery_id, platform_id, at in session.exec(query)
    ]
    for news in rows[-NEWS:]:
        news["applied_at"] = None
    session.connection().execute(insert(OutcomeRow), rows)
