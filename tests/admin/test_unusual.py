"""Unusual accesses and rights: each entry explains itself by its threshold or its source, and only of this hub."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import select

from workbench.admin.rights import rights_at
from workbench.admin.unusual import find_unusual
from workbench.identity import temporary
from workbench.identity.audit import record
from workbench.identity.emergency import Whom, open_emergency
from workbench.identity.models import AuditRow
from workbench.people.check import PersonInput
from workbench.people.households import add_member, create_household
from workbench.people.register import register_person
from workbench.settings import Unusual
from workbench.staff.models import WorkerRow
from workbench.staff.temporary import Term
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
DAY = NOON.date()
LIMITS = Unusual(residents=3, minutes=10)


class At(Clock):
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def look(act: Act, who: str, minutes: float, person_id: str) -> None:
    with act(who, clock=At(NOON + timedelta(minutes=minutes))) as ctx:
        record(ctx, "person.look", person_id=person_id, purpose="reception")


def kinds(store: Store, hub: str = "wutong", day: Any = DAY) -> list[tuple[str, str, int]]:
    with store.read() as session:
        return [(one.worker, one.kind, one.count) for one in find_unusual(session, hub, day, LIMITS)]


def test_many_residents_in_a_short_time_and_not_over_a_long_one(act: Act, store: Store) -> None:
    for number in range(4):
        look(act, "worker1", number * 3, f"P{number}")
        look(act, "worker2", number * 20, f"P{number}")
        look(act, "reviewer1", number, "P1")  # one resident again and again

    assert kinds(store) == [("worker1", "many", 4)]
    assert kinds(store, "yinxing") == []
    assert kinds(store, day=DAY + timedelta(days=1)) == []


def test_hours_outside_the_shift(act: Act, store: Store) -> None:
    for minutes in (-181, -180, 9 * 60 - 1, 9 * 60):  # 8:59, 9:00, 20:59, 21:00 at the hub
        look(act, "worker1", minutes, f"P{minutes}")

    assert kinds(store) == [("worker1", "odd_hours", 2)]


def test_the_own_name_and_who_lives_with_it(act: Act, store: Store) -> None:
    with act() as ctx:
        own, wife, other = (
            register_person(ctx, PersonInput.model_validate({"name": name, "birth_date": "1980-01-01",
                            "sex": "1", "id_no": "", "no_id_reason": "证件遗失"})).id
            for name in ("李娜", "王强", "张伟")
        )  # fmt: skip
        add_member(ctx, create_household(ctx, own, "示范路1号").id, wife, "10")
        ctx.session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one().name = "李娜"
    for number, person_id in enumerate((own, wife, other)):
        look(act, "worker1", number, person_id)
    look(act, "worker2", 5, wife)

    assert kinds(store) == [("李娜", "own_name", 1), ("李娜", "own_household", 1)]


def test_the_page_states_its_thresholds_and_is_an_act_itself(
    sign_in: Callable[..., Any], store: Store, act: Act
) -> None:
    look(act, "worker1", 10 * 60, "P1")
    text = sign_in().read(f"/h/wutong/admin/unusual?day={DAY.isoformat()}")

    assert "more than 30 different residents within 60 minutes" in text
    assert "1 residents between 2026-11-02 22:00 and 2026-11-02 22:00, outside the shift from 9:00 to 21:00" in text
    with store.read() as session:
        row = session.exec(select(AuditRow).where(AuditRow.action == "trail.read")).one()
        assert row.subject == f"unusual:{DAY.isoformat()}"


def test_who_looked_at_a_resident_is_found_by_the_full_number_only(sign_in: Callable[..., Any], act: Act) -> None:
    with act() as ctx:
        person = register_person(ctx, PersonInput.model_validate({"name": "测试甲", "id_no": "990101195003071239"})).id
        record(ctx, "person.look", person_id=person, purpose="核对证件")
    screen = sign_in()
    screen.read("/h/wutong/admin/trail")
    found = screen.send("/h/wutong/admin/trail/resident", number="990101195003071239")
    assert "核对证件" in found
    assert "测试甲" not in found
    screen.read("/h/wutong/admin/trail")
    assert screen.post("/h/wutong/admin/trail/resident", number="测试甲").status_code == 422


def test_the_trail_can_be_asked_for_one_kind_of_act(sign_in: Callable[..., Any], act: Act) -> None:
    with act("worker1") as ctx:
        record(ctx, "person.reveal", person_id="P1", purpose="第一")
        record(ctx, "person.look", person_id="P1", purpose="第二")
    rows = sign_in().read("/h/wutong/admin/trail?action=person.reveal").partition("<tbody")[2]
    assert "第一" in rows
    assert "第二" not in rows


def test_every_right_that_counts_is_listed_with_its_source(act: Act, store: Store) -> None:
    with act("sysadmin", "wutong") as ctx:
        now = ctx.clock.now()
        who = ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == "worker21")).one()
        term = Term(now, now + timedelta(days=2), "顶岗两天")
        temporary.grant(ctx, who, "reviewer", term, line_id="civil_affairs")
        later = Term(now + timedelta(days=3), now + timedelta(days=4), "以后")
        temporary.grant(ctx, who, "approver", later)
    with act("worker21") as ctx:
        open_emergency(ctx, Whom("wutong", "P1", "C1", "civil_affairs"), "居民晕倒，联系家属", 60)
    with store.read() as session:
        soon = now + timedelta(minutes=30)  # the emergency, opened later than now, lasts an hour
        found, reviews = rights_at(session, "wutong", soon), rights_at(session, "wutong", soon, "review")

    assert [(one.worker, one.source, one.role, one.line_id) for one in found] == [
        ("approver1", "standing", "approver", ""),
        ("hubadmin1", "standing", "hub_admin", ""),
        ("reviewer1", "standing", "reviewer", ""),
        ("sysadmin", "system", "", ""),
        ("worker1", "standing", "worker", ""),
        ("worker2", "standing", "worker", ""),
        ("worker21", "cover", "reviewer", "civil_affairs"),
        ("worker21", "emergency", "", "civil_affairs"),
    ]
    assert [one.worker for one in reviews] == ["approver1", "reviewer1", "worker21"]
    assert next(one for one in found if one.source == "cover").reason == "顶岗两天"


def test_the_page_of_rights_tells_why(sign_in: Callable[..., Any]) -> None:
    text = sign_in().read("/h/wutong/admin/rights?right=approve")
    assert "approver1" in text
    assert "reviewer1" not in text.partition("<tbody")[2]
    assert sign_in().get("/h/wutong/admin/rights?right=fly").status_code == 404
