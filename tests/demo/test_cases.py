import hashlib
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, func, select

from workbench.api.nouns import Worker
from workbench.cases.calendar import load_calendar
from workbench.cases.clock import judge
from workbench.cases.models import (
    STATES,
    CaseEventRow,
    CaseMaterialRow,
    CaseNumberRow,
    CaseRow,
    DraftRow,
    StepRow,
    SuspensionRow,
)
from workbench.cases.numbers import next_case_nos
from workbench.catalogue.loaded import catalogue
from workbench.delivery.lease import claimable
from workbench.delivery.models import DeliveryEventRow, DeliveryRow, PayloadRow
from workbench.delivery.pack import pack
from workbench.demo import fill_demo
from workbench.demo.story import NAMES
from workbench.host.discover import discover
from workbench.hubs.open_lines import find_hub
from workbench.identity.verify import verify
from workbench.people.models import PersonRow
from workbench.settings import Settings
from workbench.staff.models import WorkerRow
from workbench.store.clock import Clock, local
from workbench.store.context import Context
from workbench.store.engine import Store

TODAY = date(2026, 11, 20)
BATCHED = frozenset({"CL-015"})
NO_NUMBER = ("draft", "refused", "voided")


def fingerprint(session: Session) -> str:
    """Everything about cases and deliveries, opened, as one digest."""
    digest = hashlib.sha256()
    tables = (CaseRow, DraftRow, StepRow, CaseMaterialRow, SuspensionRow, CaseEventRow, CaseNumberRow, PayloadRow)
    for table in (*tables, DeliveryRow, DeliveryEventRow):
        # Numbers the database gives go on after a clearing.
        numbered = {"id"} if table in (SuspensionRow, CaseEventRow, DeliveryEventRow) else set()
        for line in sorted(repr(row.model_dump(exclude=numbered)) for row in session.exec(select(table))):
            digest.update(line.encode())
    return digest.hexdigest()


def test_same_seed_gives_the_same_cases(empty: Store, settings: Settings, clear) -> None:
    found = []
    for seed in (1, 1, 2):
        clear(empty)
        fill_demo(settings, empty, residents=60, cases=60, seed=seed, today=TODAY)
        with empty.read() as session:
            found.append(fingerprint(session))
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize("cases", [0, 7, 61])
def test_cases_are_exactly_as_many_as_asked(empty: Store, settings: Settings, cases: int) -> None:
    filled = fill_demo(settings, empty, residents=40, cases=cases, today=TODAY)
    with empty.read() as session:
        assert filled.cases == session.exec(select(func.count()).select_from(CaseRow)).one() == cases


def test_every_state_and_every_item_occurs(filled: Store) -> None:
    with filled.read() as session:
        states = Counter(session.exec(select(CaseRow.state)))
        codes = set(session.exec(select(CaseRow.item_code)))
    assert set(states) == set(STATES)
    over = states["concluded"] + states["delivered"] + states["archived"]
    assert over > 0.5 * states.total()
    assert codes == {
        i.code for i in catalogue(discover()).items if (i.manifest.status, i.manifest.depth) == ("in_force", "deep")
    }


def test_due_days_stand_at_every_level(filled: Store) -> None:
    with filled.read() as session:
        calendar = load_calendar(session)
        rows = session.exec(select(CaseRow.accepted_at, CaseRow.due_on).where(CaseRow.state == "reviewing")).all()
    levels = {judge(local(at).date(), due, TODAY, calendar).level for at, due in rows if at}
    assert {"normal", "yellow", "red", "overdue"} <= levels


def test_accept_is_at_opening_hours_of_working_days_before_today(filled: Store) -> None:
    with filled.read() as session:
        calendar = load_calendar(session)
        moments = [local(at) for at in session.exec(select(CaseRow.created_at))]
        events = [local(at).date() for at in session.exec(select(CaseEventRow.at))]
        events += [local(at).date() for at in session.exec(select(DeliveryEventRow.at))]
    assert all(calendar.is_workday(at.date()) and 9 <= at.hour < 21 for at in moments)
    assert min(moments).date() >= TODAY - timedelta(days=90)
    assert max(events) < TODAY


def test_numbers_are_unique_and_go_on_where_they_ended(filled: Store, settings: Settings, keys) -> None:
    with filled.write() as session:
        numbers = [number for number in session.exec(select(CaseRow.case_no)) if number]
        assert len(numbers) == len(set(numbers))
        for last in session.exec(select(CaseNumberRow)).all():
            place = f"{last.division}-{last.day:%Y%m%d}"
            given = sorted(number for number in numbers if number.startswith(place))
            assert given == [f"{place}-{n:05d}" for n in range(1, last.last + 1)]
        hub = find_hub(session, "yinxing")
        assert hub is not None
        ctx = Context(session, Worker("w", "w", "w"), hub, Clock(), keys, settings.file_store(keys))
        day = session.exec(select(func.max(CaseNumberRow.day))).one()
        assert next_case_nos(ctx, day)[0] not in numbers


def test_only_the_three_fresh_deliveries_are_due(filled: Store, settings: Settings) -> None:
    now = settings.clock().now() + timedelta(days=3650)
    with filled.read() as session:
        due = session.exec(select(DeliveryRow).where(claimable(DeliveryRow.platform_id, now))).all()
        assert [(row.hub_id, row.state) for row in due] == [("wutong", "waiting")] * 3
        asleep = session.exec(select(DeliveryRow).where(DeliveryRow.due_at > now)).all()
        assert len(asleep) + 3 == session.exec(select(func.count()).select_from(DeliveryRow)).one()
        assert not {"waiting", "sending", "sent"} & {row.state for row in asleep}
        assert all(row.reference for row in asleep if row.state in ("accepted", "done", "refused"))


def test_boards_show_what_people_have_to_do(filled: Store) -> None:
    d, c, w = DeliveryRow, CaseRow, WorkerRow
    query = select(c.hub_id, w.username, d.reason).join(d, col(d.case_id) == c.id).join(w, col(w.id) == c.owner_id)
    with filled.read() as session:
        stopped = Counter(session.exec(query.where(d.state == "needs-people")).all())
        steps = Counter(session.exec(select(c.hub_id, c.step_by).where(c.state == "reviewing")).all())
    assert stopped["wutong", "worker1", "rekey"] == 3
    assert stopped["wutong", "worker2", "rekey"] == 2
    others = Counter((hub, reason) for hub, _, reason in stopped if reason != "rekey")
    assert others == {("yinxing", reason): 1 for reason in ("outcome-unknown", "credentials", "broken-promise")}
    assert steps["wutong", "reviewer"] >= 3
    assert steps["wutong", "approver"] >= 3


def test_one_delivery_is_held_before_it_was_ever_sent(filled: Store) -> None:
    with filled.read() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.state == "parked")).all()
    assert [(row.hub_id, row.reason, row.attempts) for row in rows] == [("yinxing", "held", 0)]


def test_stored_forms_can_be_packed_and_are_whole(filled: Store, settings: Settings, keys) -> None:
    files = settings.file_store(keys)
    with filled.read() as session:
        pairs = session.exec(
            select(DeliveryRow, PayloadRow).join(PayloadRow, col(PayloadRow.id) == DeliveryRow.payload_id)
        )
        parcels = [pack(delivery, payload, files) for delivery, payload in pairs]
    assert parcels
    assert all(parcel.values.get("name") for parcel in parcels)


def test_every_case_has_what_belongs_to_its_state(filled: Store) -> None:
    with filled.read() as session:
        open_steps = Counter(session.exec(select(StepRow.case_id).where(StepRow.state == "open")))
        told = set(session.exec(select(CaseEventRow.case_id)))
        sent = set(session.exec(select(DeliveryRow.case_id)))
        stopped = set(session.exec(select(SuspensionRow.case_id).where(col(SuspensionRow.to_day).is_(None))))
        for case in session.exec(select(CaseRow)):
            is_numbered = case.state not in NO_NUMBER
            assert bool(case.case_no and case.payload_id and case.accepted_at) == is_numbered
            # What goes out with the month's batch is not sent yet when it is withdrawn before.
            assert (case.id in sent) == is_numbered or (case.item_code in BATCHED and is_numbered)
            assert (case.id in told) == (case.state not in ("draft", "voided"))
            assert (case.id in stopped) == (case.state in ("correction", "suspended"))
            assert open_steps[case.id] == bool(case.step)
            assert bool(case.result) == (case.state in ("concluded", "delivered", "archived"))


def test_drafts_are_prefilled_and_their_workers(filled: Store) -> None:
    with filled.read() as session:
        rows = session.exec(select(CaseRow.hub_id, DraftRow).join(DraftRow, col(DraftRow.case_id) == CaseRow.id)).all()
    assert Counter(hub for hub, _ in rows) == {"wutong": 2, "yinxing": 1}
    assert all(draft.values["name"] and draft.origins["name"]["rank"] for _, draft in rows)


def test_story_residents_have_no_cases_made_up(filled: Store) -> None:
    with filled.read() as session:
        names = set(session.exec(select(PersonRow.name).join(CaseRow, col(CaseRow.person_id) == PersonRow.id)))
    assert not names & set(NAMES)


def test_audit_chain_stands(filled: Store, keys) -> None:
    with filled.read() as session:
        assert list(verify(session, keys)) == []
