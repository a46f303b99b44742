"""Admission of a line: nothing opens without one, its end closes, its renewal opens again, and a notice comes ahead."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from far_year import At
from sqlalchemy import delete
from sqlmodel import col, select

from workbench.host.discover import Installed, discover
from workbench.hubs.models import AdmissionRow, OpenLineRow
from workbench.hubs.open_lines import close_line, find_hub, is_open, open_line
from workbench.identity.models import AuditRow
from workbench.opening.admission import Admitting, admit, follow_everywhere, lasts_until, list_admissions, withdraw
from workbench.opening.notices import admission_notices
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problem, Problems

Act = Callable[..., AbstractContextManager[Context]]
LINE = "civil_affairs"
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@cache
def installed() -> Installed:
    return discover()


def unadmitted(ctx: Context) -> None:
    ctx.session.execute(delete(AdmissionRow).where(col(AdmissionRow.line_id) == LINE))


def a_month(ctx: Context, days: int = 30) -> Admitting:
    today = ctx.clock.today()
    return Admitting(
        "区社会工作部", "社区工作事项准入目录 2026 年第 3 号", today, today + timedelta(days=days), "申请表", "低保台账"
    )


def in_days(days: int) -> Clock:
    return At(NOON + timedelta(days=days))


@pytest.fixture
def act(act: Act) -> Act:
    """Act at noon of one day, if no other is said: midnight may come while these tests run."""
    return lambda username="worker1", hub="", clock=None: act(username, hub, clock or in_days(0))


def open_now(store: Store) -> bool:
    with store.read() as session:
        hub = find_hub(session, "wutong")
        assert hub is not None
        return is_open(session, hub, installed(), LINE)


def test_line_without_admission_stays_closed(act: Act, store: Store) -> None:
    with act("hubadmin1") as ctx:
        unadmitted(ctx)
    with pytest.raises(Problem, match="not_admitted"), act("hubadmin1") as ctx:
        open_line(ctx, installed(), LINE)
    with act("hubadmin1") as ctx:
        admit(ctx, installed(), LINE, a_month(ctx))
        open_line(ctx, installed(), LINE)

    assert open_now(store)


def test_admission_of_another_hub_or_later_days_opens_nothing(act: Act) -> None:
    with act("hubadmin1") as ctx:
        unadmitted(ctx)
        later = ctx.clock.today() + timedelta(days=3)
        admit(ctx, installed(), LINE, Admitting("甲", "乙", later, later + timedelta(days=9)))
    with act("worker21") as ctx:
        admit(ctx, installed(), LINE, a_month(ctx))
    with pytest.raises(Problem, match="not_admitted"), act("hubadmin1") as ctx:
        open_line(ctx, installed(), LINE)


def test_what_is_missing_is_said_beside_each_field(act: Act) -> None:
    with pytest.raises(Problems) as raised, act("hubadmin1") as ctx:
        admit(ctx, installed(), LINE, Admitting("", "", None, None))
    assert [problem.field for problem in raised.value.problems] == [
        "approved_by",
        "directory",
        "valid_from",
        "valid_to",
    ]

    with pytest.raises(Problems) as raised, act("hubadmin1") as ctx:
        yesterday = ctx.clock.today() - timedelta(days=1)
        admit(ctx, installed(), LINE, Admitting("甲", "乙", yesterday, yesterday))
    assert [problem.field for problem in raised.value.problems] == ["valid_to"]


def test_end_closes_and_renewal_opens_again_at_the_same_place(act: Act, store: Store) -> None:
    with act("hubadmin1") as ctx:
        unadmitted(ctx)
        admit(ctx, installed(), LINE, a_month(ctx))
        open_line(ctx, installed(), LINE)

    with act("sysadmin", clock=in_days(30)) as ctx:
        assert follow_everywhere(ctx, installed()) == []
    with act("sysadmin", clock=in_days(31)) as ctx:
        assert [(one.hub_id, one.line_id, one.is_open) for one in follow_everywhere(ctx, installed())] == [
            ("wutong", LINE, False)
        ]
    with act("sysadmin", clock=in_days(31)) as ctx:
        assert follow_everywhere(ctx, installed()) == []
    assert not open_now(store)

    with act("hubadmin1", clock=in_days(32)) as ctx:
        admit(ctx, installed(), LINE, a_month(ctx))
    assert open_now(store)
    with store.read() as session:
        acts = [tuple(row) for row in session.exec(select(AuditRow.action, AuditRow.hub_id)).all()]
        row = session.get_one(OpenLineRow, ("wutong", LINE))
    assert sorted(acts) == sorted(
        [("line.admit", "wutong"), ("line.close", "wutong"), ("line.admit", "wutong"), ("line.open", "wutong")]
    )
    assert (row.position, row.closed_why) == (1, "")


def test_renewal_ahead_begins_by_itself(act: Act, store: Store) -> None:
    with act("hubadmin1") as ctx:
        unadmitted(ctx)
        admit(ctx, installed(), LINE, a_month(ctx, days=5))
        open_line(ctx, installed(), LINE)
        today = ctx.clock.today()
        admit(ctx, installed(), LINE, Admitting("甲", "乙", today + timedelta(days=8), today + timedelta(days=90)))
    with act("sysadmin", clock=in_days(6)) as ctx:
        assert [one.is_open for one in follow_everywhere(ctx, installed())] == [False]
    with act("sysadmin", clock=in_days(8)) as ctx:
        assert [one.is_open for one in follow_everywhere(ctx, installed())] == [True]
    assert open_now(store)


def test_line_an_admin_closed_stays_closed(act: Act, store: Store) -> None:
    with act("hubadmin1") as ctx:
        open_line(ctx, installed(), LINE)
        close_line(ctx, LINE)
    with act("hubadmin1") as ctx:
        admit(ctx, installed(), LINE, a_month(ctx))
        assert follow_everywhere(ctx, installed()) == []
    assert not open_now(store)


def test_withdrawal_closes_at_once_and_wants_a_reason(act: Act, store: Store) -> None:
    with act("hubadmin1") as ctx:
        open_line(ctx, installed(), LINE)
        (admission_id,) = [row.id for row in list_admissions(ctx.session, "wutong", LINE)]
    with pytest.raises(Problem, match="why"), act("hubadmin1") as ctx:
        withdraw(ctx, installed(), admission_id, "")
    with pytest.raises(LookupError), act("worker21") as ctx:
        withdraw(ctx, installed(), admission_id, "不属于这个站点")
    assert open_now(store)

    with act("hubadmin1") as ctx:
        withdraw(ctx, installed(), admission_id, "目录调整")
    assert not open_now(store)


def test_notice_comes_a_month_ahead_and_stays_after_the_end(act: Act) -> None:
    with act("hubadmin1") as ctx:
        unadmitted(ctx)
        admit(ctx, installed(), LINE, a_month(ctx, days=40))
        open_line(ctx, installed(), LINE)
        assert admission_notices(ctx) == []
    with act("hubadmin1", clock=in_days(11)) as ctx:
        (notice,) = admission_notices(ctx)
        assert (notice.line_id, notice.days) == (LINE, 30)
    with act("hubadmin1", clock=in_days(41)) as ctx:
        follow_everywhere(ctx, installed())
        (notice,) = admission_notices(ctx)
        assert (notice.line_id, notice.ends_on) == (LINE, None)
    with act("worker21", clock=in_days(41)) as ctx:
        assert admission_notices(ctx) == []


def test_admissions_that_follow_each_other_count_as_one() -> None:
    def span(first: int, last: int | None) -> AdmissionRow:
        ends = date(2026, 11, last) if last else None
        return AdmissionRow(valid_from=date(2026, 11, first), valid_to=ends)  # type: ignore[call-arg]

    today = date(2026, 11, 10)
    assert lasts_until([span(1, 12), span(13, 20)], today) == date(2026, 11, 20)
    assert lasts_until([span(1, 12), span(14, 20)], today) == date(2026, 11, 12)
    assert lasts_until([span(11, 20)], today) is None
    assert lasts_until([span(1, None)], today) == date.max
