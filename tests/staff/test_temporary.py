"""Rights for a time: they begin and end by their own dates, at every request, without any job."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from workbench.identity import sessions, temporary
from workbench.identity.may import may
from workbench.identity.models import AuditRow
from workbench.staff.models import WorkerRow
from workbench.staff.temporary import LONGEST, Term
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problem

Act = Callable[..., AbstractContextManager[Context]]
START = datetime(2030, 1, 7, 1, tzinfo=UTC)
END = START + timedelta(days=3)


def worker_id(ctx: Context, username: str) -> str:
    return ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == username)).one()


def may_review(store: Store, token: str, at: datetime, line: str = "") -> bool:
    shift = timedelta(days=20000)
    found = sessions.find(store, token, at, hub_id="yinxing", idle=shift, longest=shift)
    assert found is not None
    return may(found.worker_at("yinxing"), "review", line)


def test_a_right_for_a_time_counts_between_its_dates_only(act: Act, store: Store) -> None:
    with act("sysadmin", "yinxing") as ctx:
        who = worker_id(ctx, "worker1")
        temporary.grant(ctx, who, "reviewer", Term(START, END, "借调三天", "secondment"), line_id="civil_affairs")
        token = sessions.start(ctx.session, who, ctx.clock.now())
    second = timedelta(seconds=1)

    moments = (START - second, START, END - second, END)
    assert [may_review(store, token, at) for at in moments] == [False, True, True, False]
    assert may_review(store, token, START, "civil_affairs")
    assert not may_review(store, token, START, "social_security")


def test_a_right_ended_early_is_gone_with_the_next_request_and_both_acts_are_in_the_trail(
    act: Act, store: Store
) -> None:
    with act("sysadmin", "yinxing") as ctx:
        who, now = worker_id(ctx, "worker1"), ctx.clock.now()
        row = temporary.grant(ctx, who, "reviewer", Term(now, now + timedelta(days=1), "顶岗一天"))
        token = sessions.start(ctx.session, who, now)
        number = row.id or 0
    assert may_review(store, token, now)
    with act("sysadmin", "yinxing") as ctx:
        temporary.end(ctx, number)

    assert not may_review(store, token, datetime.now(UTC))
    with store.read() as session:
        found = session.exec(select(AuditRow).where(AuditRow.subject == f"worker:{who}").order_by(AuditRow.seq)).all()
        assert [(one.action, one.purpose, one.detail["kind"]) for one in found] == [
            ("role.give", "顶岗一天", "cover"), ("role.take", "", "cover"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("term", "code"),
    [
        (Term(END, START, "顶岗"), "span_wrong"),
        (Term(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC), "顶岗"), "span_wrong"),
        (Term(START, START + LONGEST + timedelta(days=1), "顶岗"), "span_too_long"),
        (Term(START, END, " "), "reason_missing"),
        (Term(START, END, "顶岗", "standing"), "kind_unknown"),
    ],
)
def test_a_wrong_term_is_refused(act: Act, term: Term, code: str) -> None:
    with act("sysadmin", "yinxing") as ctx, pytest.raises(Problem) as caught:
        temporary.grant(ctx, worker_id(ctx, "worker1"), "reviewer", term)
    assert caught.value.code == code


def test_nobody_gives_themselves_a_right_for_a_time(act: Act) -> None:
    with act("hubadmin1") as ctx, pytest.raises(Problem, match="own_role"):
        temporary.grant(ctx, ctx.actor.id, "worker", Term(START, END, "顶岗"))
