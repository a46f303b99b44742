"""No sequence of legal actions leaves a case without owner, without clock, or where nobody may act."""

from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screens import World
from sqlmodel import select

from workbench.cases.actions import Said
from workbench.cases.actions import act as press
from workbench.cases.apply import apply_outcomes
from workbench.cases.buttons import actions
from workbench.cases.limits import kept_item
from workbench.cases.models import CaseRow, StepRow, SuspensionRow
from workbench.cases.moves import CLOSED_STATES, OPEN_STATES, make_move
from workbench.cases.suspend import resume, resume_due
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.context import SYSTEM
from workbench.store.problems import Problem, Problems

STAFF = ("worker1", "reviewer1", "approver1")
ITEMS = ("MZ-001", "CL-001", "CL-015", "MZ-011", "MZ-015")
SAID = ("accepted", "progress", "correction", "suspended", "granted", "refused")
STEP = st.one_of(
    st.tuples(st.just("person"), st.sampled_from(STAFF), st.integers(0, 9)),
    st.tuples(st.just("department"), st.sampled_from(SAID), st.just(0)),
    st.tuples(st.just("days"), st.just(""), st.integers(1, 20)),
)


class Course:
    """One case on its way, with a clock of its own."""

    def __init__(self, world: World, act: Any, code: str) -> None:
        self.world, self.act = world, act
        self.clock = Clock(datetime.combine(date(2026, 2, 2), time(10), SHANGHAI) - datetime.now(SHANGHAI))
        with act("worker1", clock=self.clock) as ctx:
            self.case_id = world.make_case(ctx, code).id

    def take(self, kind: str, what: str, number: int) -> None:
        if kind == "days":
            self.clock.offset += timedelta(days=number)
            with self.act("worker1", clock=self.clock) as ctx:
                resume_due(ctx)
        elif kind == "department":
            self.hear(what)
        else:
            self.press(what, number)

    def press(self, who: str, number: int) -> None:
        """Press one of the buttons this person sees; filled in as the form asks. A refusal changes nothing."""
        try:
            with self.act(who, clock=self.clock) as ctx:
                case = ctx.session.get_one(CaseRow, self.case_id)
                item, today = kept_item(ctx, case), self.clock.today().isoformat()
                buttons = [one["name"] for one in actions(ctx, case, item)]
                if case.state == "correction" and who == "worker1":
                    buttons.append("supply")
                if not buttons:
                    return
                name = buttons[number % len(buttons)]
                if name == "supply":
                    make_move(ctx, case, "supply", reason="已补正")
                    resume(ctx, case)
                    return
                found = {
                    "visited_on": today,
                    "visitors": "甲、乙",
                    "posted_at": "公示栏",
                    "objections": "无",
                    "assessor": "医院",
                }
                said = Said(reason="情况属实", until="" if number % 2 else "2027-01-04", found=found)
                press(ctx, self.world.installed, case, item, name, said=said, seen_version=case.version)
        except (Problem, Problems):
            return

    def hear(self, status: str) -> None:
        with self.act("worker1", clock=self.clock) as ctx:
            query = select(DeliveryRow).where(DeliveryRow.case_id == self.case_id)
            delivery = ctx.session.exec(query.order_by(DeliveryRow.id)).first()
            if delivery is None:
                return
            outcome = OutcomeRow(
                platform_id=delivery.platform_id, message_id=f"{self.clock.now()}{status}", delivery_id=delivery.id,
                status=status, text="部门意见", received_at=self.clock.now(),
            )  # fmt: skip
            system = type(ctx)(ctx.session, SYSTEM, ctx.hub, ctx.clock, ctx.keys, ctx.files)
            apply_outcomes(system, catalogue(self.world.installed), [(outcome, delivery)])

    def check(self) -> None:
        with self.act("worker1", clock=self.clock) as ctx:
            case = ctx.session.get_one(CaseRow, self.case_id)
            item = kept_item(ctx, case)
            assert item is not None
            assert case.owner_id
            assert case.state in (*OPEN_STATES, *CLOSED_STATES)
            open_steps = ctx.session.exec(
                select(StepRow).where(StepRow.case_id == case.id, StepRow.state == "open")
            ).all()
            stops = ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == case.id)).all()
            running = [stop for stop in stops if stop.to_day is None]
            if case.state in CLOSED_STATES:
                assert not open_steps
                assert not running
                assert case.concluded_at is not None or case.state in ("delivered", "archived")
                return
            assert len(open_steps) <= 1
            assert bool(running) == (case.state in ("correction", "suspended"))
            has_limit = item.promised_days is not None or item.statutory_days is not None
            assert not has_limit or case.due_on is not None
        assert self.somebody_may_act()

    def somebody_may_act(self) -> bool:
        """A department that decides, or somebody with a button that moves the case on."""
        idle = {"void", "withdraw", "return", "appeal"}  # ways out are no ways on
        for who in STAFF:
            with self.act(who, clock=self.clock) as ctx:
                seen = ctx.session.get_one(CaseRow, self.case_id)
                if seen.step_by == "department" and seen.state != "correction":
                    return True
                is_correction = seen.state == "correction"
                names = {one["name"] for one in actions(ctx, seen, kept_item(ctx, seen))}
            if names - idle or (who == "worker1" and is_correction):
                return True
        return False


def test_no_sequence_of_legal_actions_is_a_dead_end(world: World, act: Any) -> None:
    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(code=st.sampled_from(ITEMS), steps=st.lists(STEP, min_size=3, max_size=9))
    def walk(code: str, steps: list[tuple[str, str, int]]) -> None:
        course = Course(world, act, code)
        course.check()
        for kind, what, number in steps:
            course.take(kind, what, number)
            course.check()

    walk()
