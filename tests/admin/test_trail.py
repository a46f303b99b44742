"""The trail: who looked at a resident, what a worker looked at, page by page, and only of this hub."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from workbench.admin.look_back import PAGE, Asked, look_back
from workbench.identity.audit import record
from workbench.identity.models import AuditRow
from workbench.identity.verify import verify
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]
TRAIL = "/h/wutong/admin/trail"
ANNA = "01HZZZZZZZZZZZZZZZZZZANNA1"


class At(Clock):
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def test_one_resident_shows_everybody_who_looked(sign_in: Callable[..., Any], act: Act) -> None:
    for username in ("worker1", "reviewer1"):
        with act(username) as ctx:
            record(ctx, "person.reveal", person_id=ANNA, purpose="核对证件")
    with act("worker2") as ctx:
        record(ctx, "person.look", person_id="01HZZZZZZZZZZZZZZZZZZBERT1")
    rows = sign_in().read(f"{TRAIL}?person={ANNA}").partition("<tbody")[2]

    assert [name in rows for name in ("worker1", "reviewer1", "worker2")] == [True, True, False]
    assert "核对证件" in rows
    assert "Saw a full number" in rows


def test_another_hubs_acts_stay_there(sign_in: Callable[..., Any], act: Act) -> None:
    with act("worker21") as ctx:
        record(ctx, "person.reveal", person_id=ANNA, purpose="别站")
    screen = sign_in()

    assert "别站" not in screen.read(f"{TRAIL}?person={ANNA}")
    assert "别站" not in screen.read(TRAIL)
    assert "别站" not in sign_in("sysadmin").read(f"{TRAIL}?person={ANNA}")
    assert "别站" in sign_in("sysadmin").read(f"/h/yinxing/admin/trail?person={ANNA}")


def test_one_worker_shows_their_acts_with_their_sign_ins(
    sign_in: Callable[..., Any], act: Act, worker_id: Callable[[str], str]
) -> None:
    sign_in("worker1")
    with act("worker1") as ctx:
        record(ctx, "person.look", person_id=ANNA)
    rows = sign_in().read(f"{TRAIL}?worker={worker_id('worker1')}").partition("<tbody")[2]

    assert "Signed in" in rows
    assert "Looked at a resident" in rows
    assert "hubadmin1" not in rows


def test_a_day_is_counted_at_the_hub(store: Store, act: Act) -> None:
    late, early = datetime(2026, 11, 21, 15, 59, tzinfo=UTC), datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    for moment in (late, early):
        with act("worker1", clock=At(moment)) as ctx:
            record(ctx, "person.look", person_id=ANNA)
    with store.read() as session:
        found, _ = look_back(session, Asked(("wutong",), day=early.astimezone(UTC).date() + timedelta(days=1)))

    assert [act.at for act in found] == [early]


def test_pages_follow_each_other_without_gap_or_double(store: Store, act: Act) -> None:
    same = datetime(2026, 11, 22, 4, tzinfo=UTC)
    with act("worker1", clock=At(same)) as ctx:
        for number in range(PAGE * 2 + 5):
            record(ctx, "person.look", person_id=ANNA, subject=f"case:{number}")
    seen: list[str] = []
    place, pages = "", 0
    with store.read() as session:
        while pages == 0 or place:
            found, place = look_back(session, Asked(("wutong",), person_id=ANNA, before=place))
            seen += [act.subject for act in found]
            pages += 1

    assert pages == 3
    assert seen == [f"case:{number}" for number in reversed(range(PAGE * 2 + 5))]


@pytest.mark.parametrize("before", ["x", "1-", "-1", "99999999999999-1", "1-' OR 1=1", "²-²"])
def test_a_place_nobody_gave_out_is_the_first_page(sign_in: Callable[..., Any], before: str) -> None:
    assert sign_in().get(TRAIL, query_string={"before": before}).status_code == 200


def test_a_day_that_is_none_is_refused(sign_in: Callable[..., Any]) -> None:
    assert sign_in().get(f"{TRAIL}?day=2026-13-40").status_code == 400


def test_looking_at_the_trail_is_written_down(sign_in: Callable[..., Any], store: Store, keys: KeyRing) -> None:
    sign_in().read(f"{TRAIL}?person={ANNA}")
    with store.read() as session:
        row = session.exec(select(AuditRow).where(AuditRow.action == "trail.read")).one()
        assert (row.person_id, row.hub_id) == (ANNA, "wutong")
        assert list(verify(session, keys)) == []


def test_a_page_asks_the_same_for_3_and_for_50_rows(
    app: Flask, sign_in: Callable[..., Any], counting: Any, act: Act
) -> None:
    screen = sign_in()
    screen.read(TRAIL)
    asked = []
    for more in (3, 50):
        with act("worker1") as ctx:
            for _ in range(more):
                record(ctx, "person.look", person_id=ANNA)
        with counting(app) as sent:
            screen.read(f"{TRAIL}?person={ANNA}")
        asked.append(len(sent))

    assert asked[0] == asked[1]
