"""Tasks of a department over the wire: fetched once each, placed or quarantined, answered as a parcel."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from workbench.api.nouns import Hub, Worker
from workbench.assigned.models import AssignedTaskRow, TaskCursorRow
from workbench.assigned.settle import put_away, settle_task, take_replies
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.hubs.models import HubRow
from workbench.hubs.open_lines import open_line
from workbench.jobs.dispatcher import Dispatcher
from workbench.jobs.errands import Errands
from workbench.jobs.worker import close_workshop, open_workshop
from workbench.store.context import Context
from workbench.store.problems import Problem
from workbench.testing.department import Assigned

GATEWAY = "civil_affairs.case_gateway"


class Office:
    """One worker process whose turns are made by hand, and people at a hub."""

    def __init__(self, town: Any) -> None:
        self.town = town
        self.workshop = open_workshop(town.settings)
        self.errands = Errands(self.workshop)
        self.dispatcher = Dispatcher(self.workshop)
        self.dispatcher.take_inventory()
        self.platform = self.workshop.manifest(GATEWAY)

    def context(self, session: Any, role: str = "worker") -> Context:
        row = session.get_one(HubRow, "wutong")
        hub = Hub(row.id, row.name_zh, row.name_en, row.division, row.version)
        worker = Worker("W1", "worker1", "社工一", (role,))
        shop = self.workshop
        return Context(session, worker, hub, shop.clock, shop.keys, shop.files)

    def open_line(self) -> None:
        with self.town.store.write() as session:
            open_line(self.context(session), self.workshop.installed, "civil_affairs")

    def tasks(self) -> dict[str, tuple[str, str, str]]:
        with self.town.store.read() as session:
            rows = session.exec(select(AssignedTaskRow)).all()
            return {row.reference: (row.state, row.hub_id, row.reason) for row in rows}

    def settle(self, reference: str, result: str, words: str = "已入户核实", version: int | None = None) -> str:
        with self.town.store.write() as session:
            row = session.exec(select(AssignedTaskRow).where(AssignedTaskRow.reference == reference)).one()
            seen = row.version if version is None else version
            settle_task(self.context(session), row, self.platform, result, words, seen_version=seen)
            return row.delivery_id


@pytest.fixture
def office(town: Any) -> Iterator[Office]:
    town.start_department()
    office = Office(town)
    yield office
    since = time.monotonic()
    office.dispatcher.finish(since)
    office.errands.close(since)
    close_workshop(office.workshop)


def test_tasks_come_once_each_and_what_is_for_nobody_here_waits_apart(office: Office, town: Any) -> None:
    home = town.home()
    home.assign(Assigned("RW1", "990100001001", "review", "低保复核", "2026-12-01", "990101195003071239", "入户"))
    home.assign(Assigned("RW2", "nowhere", "list", "名单确认"))
    office.errands.collect_tasks(GATEWAY)
    assert office.tasks() == {"RW1": ("quarantined", "", "line-closed"), "RW2": ("quarantined", "", "no-hub")}

    office.open_line()
    home.assign(Assigned("RW3", "wutong", "yearly_check", "年度核查", "2026-11-30"))
    for _again in range(2):
        office.errands.collect_tasks(GATEWAY)
    kept = {"RW1": ("open", "wutong", ""), "RW2": ("quarantined", "", "no-hub"), "RW3": ("open", "wutong", "")}
    assert office.tasks() == kept
    with town.store.write() as session:
        session.get_one(TaskCursorRow, GATEWAY).cursor = ""  # an older copy of the database asks from the start
    office.errands.collect_tasks(GATEWAY)
    assert office.tasks() == kept
    with town.store.write() as session:
        row = session.exec(select(AssignedTaskRow).where(AssignedTaskRow.reference == "RW1")).one()
        assert (row.title, row.kind, str(row.due_on), row.detail) == (
            "低保复核",
            "review",
            "2026-12-01",
            {"说明": "入户"},
        )
        foreign = session.exec(select(AssignedTaskRow).where(AssignedTaskRow.reference == "RW2")).one()
        with pytest.raises(Problem):
            put_away(office.context(session), foreign, "")
        put_away(office.context(session), foreign, "已告知民政局")
    office.errands.collect_tasks(GATEWAY)
    assert office.tasks()["RW2"][0] == "put-away"


def test_answer_reaches_the_department_and_one_it_refuses_comes_back(office: Office, town: Any, wait: Any) -> None:
    home = town.home()
    office.open_line()
    for number in (1, 2):
        home.assign(Assigned(f"RW{number}", "wutong", "review", "低保复核"))
    office.errands.collect_tasks(GATEWAY)
    with pytest.raises(Problem):
        office.settle("RW1", "returned", "")
    key = office.settle("RW1", "returned", "不在本社区居住")
    with pytest.raises(Problem):  # a second click
        office.settle("RW1", "done")

    def answered() -> bool:
        office.dispatcher._due.clear()
        office.dispatcher.turn(0.1)
        return [task.result for task in home.tasks_after(0)] == ["returned", ""]

    wait(answered)
    wait(lambda: office.dispatcher.turn(0.1) or town.row(key).state == "accepted")
    assert [line["operation"] for line in town.ledger()] == ["task_answer"]

    refused = office.settle("RW2", "done")
    with town.store.write() as session:
        delivery = session.get_one(DeliveryRow, refused)
        outcome = OutcomeRow(platform_id=GATEWAY, message_id="M", status="refused", text="缺少核查表",
                             received_at=office.workshop.now())  # fmt: skip
        for _again in range(2):
            take_replies(office.context(session), [(outcome, delivery)])
        row = session.exec(select(AssignedTaskRow).where(AssignedTaskRow.reference == "RW2")).one()
        assert (row.state, row.reply) == ("open", "缺少核查表")


def test_department_that_is_away_loses_no_task(office: Office, town: Any) -> None:
    office.open_line()
    town.home().assign(Assigned("RW1", "wutong", "review", "低保复核"))
    town.set_faults(down=True)
    office.errands.collect_tasks(GATEWAY)
    with town.store.read() as session:
        assert "busy or closed" in session.get_one(TaskCursorRow, GATEWAY).detail
    town.set_faults()
    office.errands.collect_tasks(GATEWAY)
    assert office.tasks() == {"RW1": ("open", "wutong", "")}
