"""Roles: spans of days as they are counted at the hub, and the right nobody takes from themselves."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest
from at_once import behind
from sqlmodel import select
from waiting import PATIENCE

from workbench.hubs.models import HubRow
from workbench.staff.grants import Span, give_role, list_roles, list_workers, take_role
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.locking import ALONE
from workbench.store.problems import Problem

Act = Callable[..., AbstractContextManager[Context]]


class Still(Clock):
    """A clock that stands at noon of the hub on 22 November 2026."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 4, tzinfo=UTC)


def worker_id(ctx: Context, username: str) -> str:
    return ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == username)).one()


def test_give_role_for_good_starts_now(act: Act) -> None:
    with act("hubadmin1", clock=Still()) as ctx:
        row = give_role(ctx, worker_id(ctx, "worker1"), "reviewer", line_id="civil_affairs")

        assert (row.hub_id, row.role, row.line_id) == ("wutong", "reviewer", "civil_affairs")
        assert (row.valid_from, row.valid_to) == (ctx.clock.now(), None)
        assert row.granted_by == ctx.actor.id


def test_give_role_for_a_span_counts_whole_days_at_the_hub(act: Act) -> None:
    span = Span(date(2026, 11, 24), date(2026, 11, 25))
    with act("hubadmin1", clock=Still()) as ctx:
        row = give_role(ctx, worker_id(ctx, "worker1"), "approver", span=span, reason="顶班")

        assert row.valid_from.astimezone(UTC) == datetime(2026, 11, 23, 16, tzinfo=UTC)
        assert row.valid_to is not None
        assert row.valid_to.astimezone(UTC) == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_give_role_for_today_alone_lasts_until_midnight(act: Act) -> None:
    today = date(2026, 11, 22)
    with act("hubadmin1", clock=Still()) as ctx:
        row = give_role(ctx, worker_id(ctx, "worker1"), "reviewer", span=Span(today, today), reason="顶班")

        assert row.valid_from == ctx.clock.now()
        assert row.valid_to is not None
        assert row.valid_to - row.valid_from == timedelta(hours=12)


@pytest.mark.parametrize(
    ("role", "line", "span", "reason", "code", "field"),
    [
        ("boss", "", Span(), "", "role_unknown", "role"),
        ("hub_admin", "civil_affairs", Span(), "", "role_not_for_a_line", "line"),
        ("worker", "", Span(date(2026, 11, 25), date(2026, 11, 24)), "x", "span_wrong", "last_day"),
        ("worker", "", Span(None, date(2026, 11, 21)), "x", "span_wrong", "last_day"),
        ("worker", "", Span(None, date(2026, 11, 30)), " ", "reason_missing", "reason"),
    ],
)
def test_give_role_says_what_is_wrong(
    act: Act, role: str, line: str, span: Span, reason: str, code: str, field: str
) -> None:
    with act("hubadmin1", clock=Still()) as ctx, pytest.raises(Problem) as caught:
        give_role(ctx, worker_id(ctx, "worker1"), role, line_id=line, span=span, reason=reason)

    assert (caught.value.code, caught.value.field) == (code, field)


def test_nobody_gives_themselves_a_role(act: Act) -> None:
    with act("hubadmin1") as ctx, pytest.raises(Problem, match="own_role"):
        give_role(ctx, ctx.actor.id, "worker")


def test_take_role_ends_it_now_and_keeps_its_row(act: Act) -> None:
    with act("hubadmin1") as ctx:
        row = give_role(ctx, worker_id(ctx, "worker2"), "reviewer")
        ended = take_role(ctx, row.id or 0).valid_to

        assert ended is not None
        assert take_role(ctx, row.id or 0).valid_to == ended
        held = list_roles(ctx.session, [worker_id(ctx, "worker2")])
        assert [one.role for one in held] == ["reviewer", "worker"]
        assert held[0].is_over(ctx.clock.now())
        assert held[1].is_valid(ctx.clock.now())
        assert held[0].granted_by == "hubadmin1"


def test_take_role_leaves_other_hubs_alone(act: Act) -> None:
    with act("hubadmin1") as ctx:
        theirs = ctx.session.exec(select(GrantRow.id).where(GrantRow.hub_id == "yinxing")).first()
        with pytest.raises(Problem, match="grant_unknown"):
            take_role(ctx, theirs or 0)


def test_nobody_takes_their_own_last_admin_right(act: Act) -> None:
    with act("hubadmin1") as ctx:
        own = ctx.session.exec(select(GrantRow.id).where(GrantRow.worker_id == ctx.actor.id)).one()
        with pytest.raises(Problem, match="own_admin_right"):
            take_role(ctx, own or 0)


def test_an_admin_with_a_second_lasting_right_may_take_the_first(act: Act) -> None:
    with act("sysadmin") as ctx:
        give_role(ctx, worker_id(ctx, "hubadmin1"), "hub_admin", reason="兼任")
    with act("hubadmin1") as ctx:
        own = ctx.session.exec(select(GrantRow.id).where(GrantRow.worker_id == ctx.actor.id)).first()
        assert take_role(ctx, own or 0).valid_to is not None


def test_list_workers_shows_one_hub_and_admins_only_when_asked(act: Act) -> None:
    with act("hubadmin1") as ctx:
        own = {row.username for row in list_workers(ctx.session, "wutong")}
        whole = {row.username for row in list_workers(ctx.session, "wutong", with_all_admins=True)}

    assert own == {"worker1", "worker2", "reviewer1", "approver1", "hubadmin1"}
    assert whole == own | {"sysadmin"}


def test_the_same_role_pressed_twice_is_given_once(act: Act) -> None:
    span = Span(None, date(2026, 11, 30))
    with act("hubadmin1", clock=Still()) as ctx:
        whose = worker_id(ctx, "worker1")
        lasting = give_role(ctx, whose, "approver")
        assert give_role(ctx, whose, "approver").id == lasting.id
        for_a_time = give_role(ctx, whose, "approver", span=span, reason="顶班")
        assert for_a_time.id != lasting.id
        assert give_role(ctx, whose, "approver", span=span, reason="顶班").id == for_a_time.id
        assert give_role(ctx, whose, "approver", span=span, reason="支援").id != for_a_time.id
        take_role(ctx, lasting.id or 0)
        assert give_role(ctx, whose, "approver").id != lasting.id


def test_of_two_admins_who_take_each_others_right_one_stays(act: Act, store: Store) -> None:
    with act("sysadmin") as ctx:
        give_role(ctx, worker_id(ctx, "worker2"), "hub_admin")

    def take_from(admin: str, other: str) -> None:
        with act(admin) as ctx:
            query = select(GrantRow.id).where(GrantRow.worker_id == worker_id(ctx, other), GrantRow.role == "hub_admin")
            take_role(ctx, ctx.session.exec(query).one() or 0)

    with store.write() as session:  # both have begun when either goes on
        session.get_one(HubRow, "wutong", with_for_update=ALONE)
        pressed = behind(store, lambda: take_from("hubadmin1", "worker2"), lambda: take_from("worker2", "hubadmin1"))
    refused = [one.exception(PATIENCE) for one in pressed]

    assert [error is None for error in refused].count(True) == 1
    assert [error.code for error in refused if isinstance(error, Problem)] == ["rights_changed"]
