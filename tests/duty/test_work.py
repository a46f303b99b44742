"""Sharing out the work: many cases with one reason, evened out by load, never to somebody without the right."""

from datetime import date
from typing import Any

import pytest
from duty_world import id_of
from screens import World, text_of
from sqlmodel import col, select

from workbench.cases.models import CaseEventRow, CaseRow
from workbench.duty.absences import days, enter_absence
from workbench.duty.work import Listed, balance, loads, reassign, suggest_moves
from workbench.store.problems import Problem

ALL = frozenset({""})


def some(owner: str, count: int, line: str = "one") -> list[Listed]:
    return [Listed(f"{owner}{n}", "", line, "", "", owner, date(2026, 12, 1 + n)) for n in range(count)]


def test_evening_out_hands_on_the_least_urgent_until_they_differ_by_one() -> None:
    moves = suggest_moves([*some("a", 5), *some("b", 1)], {"a": ALL, "b": ALL, "c": ALL})
    assert moves == [("a4", "c"), ("a3", "b"), ("a2", "c")]


def test_evening_out_asks_for_the_right_on_the_line() -> None:
    assert suggest_moves(some("a", 4), {"a": ALL, "b": frozenset({"two"})}) == []


def test_many_are_given_with_one_reason_and_evened_out(site: World, act: Any) -> None:
    with act("worker1") as ctx:
        ids = [site.make_case(ctx, "MZ-001").id for _ in range(4)]
    with act("hubadmin1") as ctx:
        a, b = id_of(ctx, "worker1"), id_of(ctx, "worker2")
        for to_id, reason, field in ((b, " ", "reason"), ("nobody", "忙", "to")):
            with pytest.raises(Problem) as refusal:
                reassign(ctx, ids, to_id, reason)
            assert refusal.value.field == field
        assert reassign(ctx, ids, b, "条线调整") == 4
        assert reassign(ctx, ids, b, "条线调整") == 0
        told = ctx.session.exec(select(CaseEventRow).where(CaseEventRow.kind == "reassigned")).all()
        assert [(row.detail["reason"], row.detail["cover"]) for row in told] == [("条线调整", "worker2")] * 4
        assert balance(ctx, "均衡") == 2
        assert [(one.name, one.open) for one in loads(ctx)] == [("worker1", 2), ("worker2", 2)]
        today = ctx.clock.today()
        enter_absence(ctx, a, "leave", days(today, today), even_uncovered=True)
        assert [(one.name, one.is_here) for one in loads(ctx)] == [("worker1", False), ("worker2", True)]
    admin = site.sign_in("hubadmin1")
    shown = text_of(admin.get("/h/wutong/work").text)
    assert "工作分派" in shown
    assert "测试甲" not in shown  # no resident
    given = admin.post("/h/wutong/work", data={"action": "give", "case": ids, "to": b, "reason": "请假"})
    assert given.headers["Location"].endswith("moved=2")
    with site.store.read() as session:
        assert set(session.exec(select(CaseRow.owner_id).where(col(CaseRow.id).in_(ids)))) == {b}
    assert site.sign_in("worker1").get("/h/wutong/work").status_code == 403
