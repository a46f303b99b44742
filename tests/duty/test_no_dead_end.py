"""Whatever is done with a case, its people and its hub: it has an owner and a clock, and somebody may act, or knows.

Sequences mix actions on the case with absences, thirds, posts, hand-overs, closed accounts, roles that end, work
that is shared out, a line that closes, rosters, and nights of the worker process. WORKBENCH_TEST_SEQUENCES says
how many are tried.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from duty_world import id_of
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from screens import World
from sqlmodel import SQLModel, col, delete, or_, select

from workbench.api.nouns import Worker
from workbench.cases.actions import Said
from workbench.cases.actions import act as press
from workbench.cases.apply import apply_outcomes
from workbench.cases.buttons import actions
from workbench.cases.extend import ask_extension, decide_extension
from workbench.cases.held import cover_of, refuse_untaken
from workbench.cases.limits import kept_item
from workbench.cases.models import CaseRow, StepRow, SuspensionRow
from workbench.cases.moves import CLOSED_STATES, OPEN_STATES, make_move
from workbench.cases.suspend import resume, resume_due
from workbench.cases.take import pull_next
from workbench.cases.urge import answer_urging, urge, urgings_of
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.duty.absences import days, end_absence, enter_absence, name_third
from workbench.duty.cover import gaps_ahead, replan
from workbench.duty.edges import tell_edges
from workbench.duty.handover import answer_call, call, calls_to, give_back, hand_over, handovers, take_over
from workbench.duty.left_behind import left_behind, unmanned_roles
from workbench.duty.models import RosterMonthRow, ShiftRow
from workbench.duty.months import make_month, publish_month
from workbench.duty.plan import BEHIND
from workbench.duty.posts import set_post
from workbench.duty.work import balance, reassign
from workbench.hubs.open_lines import close_line, open_line
from workbench.staff.cover_models import AbsenceRow, CallRow, CoverMarkRow, CoverRow, HandoverRow, StandInRow
from workbench.staff.grants import take_role
from workbench.staff.models import GrantRow, PostRow, WorkerRow
from workbench.staff.temporary import Term, grant_for_a_time
from workbench.staff.workers import activate_worker, deactivate_worker
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.context import SYSTEM, Context
from workbench.store.problems import Problem, Problems

STAFF = ("worker1", "worker2", "reviewer1", "approver1")
ITEMS = ("MZ-001", "CL-001", "CL-015", "MZ-011", "MZ-015")
SAID = ("accepted", "progress", "correction", "suspended", "granted", "refused")
START = datetime.combine(date(2026, 2, 2), time(10), SHANGHAI)
#: Ways out are no ways on.
IDLE = {"void", "withdraw", "return", "appeal"}
CLEARED: tuple[type[SQLModel], ...] = (
    CoverMarkRow, CallRow, HandoverRow, StandInRow, CoverRow, AbsenceRow, ShiftRow, RosterMonthRow, PostRow, GrantRow,
)  # fmt: skip
WHO, NUMBER = st.sampled_from(STAFF), st.integers(0, 9)


class Hub(RuleBasedStateMachine):
    """One case at one hub."""

    world: World
    act: Any

    @initialize(code=st.sampled_from(ITEMS), has_posts=st.booleans())
    def begin(self, code: str, has_posts: bool) -> None:
        self.clock = Clock(START - datetime.now(SHANGHAI))
        with self.act("hubadmin1", clock=self.clock) as ctx:
            self._clear(ctx)
            self.ids = {name: id_of(ctx, name) for name in (*STAFF, "hubadmin1")}
            self.case_id = ""
        with self.as_(self.ids and "worker1") as ctx:
            case = self.world.make_case(ctx, code)
            self.case_id, self.line = case.id, case.line_id
        if has_posts:
            self.post("worker1", "worker2", True)

    def _clear(self, ctx: Context) -> None:
        for table in CLEARED:
            ctx.session.execute(delete(table))
        for row in ctx.session.exec(select(CaseRow).where(col(CaseRow.state).in_(OPEN_STATES))).all():
            row.state = "voided"  # cases of the sequence before
        for row in ctx.session.exec(select(WorkerRow)).all():
            row.is_active = True
        ctx.session.flush()
        for name in STAFF:
            role = name.rstrip("1").rstrip("2")
            grant = {"hub_id": "wutong", "role": role, "granted_by": "system", "valid_from": START - timedelta(days=9)}
            ctx.session.add(GrantRow(worker_id=id_of(ctx, name), **grant))
        admin = {"hub_id": "wutong", "role": "hub_admin", "granted_by": "system"}
        ctx.session.add(GrantRow(worker_id=id_of(ctx, "hubadmin1"), valid_from=START - timedelta(days=9), **admin))

    def as_(self, username: str) -> Any:
        return self.act(username, clock=self.clock)

    def really(self, ctx: Context) -> Context | None:
        """The same with the roles that are valid now; None when the account is closed."""
        row, now = ctx.session.get_one(WorkerRow, ctx.actor.id), ctx.clock.now()
        if not row.is_active:
            return None
        query = select(GrantRow.role, GrantRow.line_id).where(GrantRow.worker_id == row.id, GrantRow.hub_id == "wutong")
        query = query.where(col(GrantRow.valid_from) <= now)
        query = query.where(or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now))
        roles = frozenset(f"{role}:{line}" if line else role for role, line in ctx.session.exec(query))
        return replace(ctx, actor=Worker(row.id, row.username, row.name, roles))

    def legally(self, username: str, verb: Callable[[Context], object]) -> None:
        """Do something as somebody would; a refusal changes nothing. Then the worker process has its turn."""
        try:
            with self.as_(username) as ctx:
                real = self.really(ctx)
                if real is not None:
                    verb(real)
        except (Problem, Problems):
            pass
        self.night()

    def night(self) -> None:
        with self.as_("worker1") as ctx:
            system = replace(ctx, actor=SYSTEM)
            resume_due(system)
            replan(system)
            tell_edges(system)

    def case(self, ctx: Context) -> CaseRow:
        return ctx.session.get_one(CaseRow, self.case_id)

    # What is done with the case.

    @rule(who=WHO, number=NUMBER)
    def press(self, who: str, number: int) -> None:
        def verb(ctx: Context) -> None:
            case = self.case(ctx)
            item, today = kept_item(ctx, case), ctx.clock.today().isoformat()
            names = [one["name"] for one in actions(ctx, case, item)]
            if not names:
                return
            found = {
                "visited_on": today,
                "visitors": "甲、乙",
                "posted_at": "公示栏",
                "objections": "无",
                "assessor": "医院",
            }
            said = Said(reason="情况属实", until="" if number % 2 else "2027-01-04", found=found)
            name = names[number % len(names)]
            press(ctx, self.world.installed, case, item, name, said=said, seen_version=case.version)

        self.legally(who, verb)

    @rule(who=WHO)
    def supply(self, who: str) -> None:
        def verb(ctx: Context) -> None:
            case = self.case(ctx)
            if case.state == "correction":
                refuse_untaken(ctx, case)
                make_move(ctx, case, "supply", reason="已补正")
                resume(ctx, case)

        self.legally(who, verb)

    @rule(status=st.sampled_from(SAID))
    def hear(self, status: str) -> None:
        with self.as_("worker1") as ctx:
            query = select(DeliveryRow).where(DeliveryRow.case_id == self.case_id).order_by(col(DeliveryRow.id))
            delivery = ctx.session.exec(query).first()
            if delivery is None:
                return
            outcome = OutcomeRow(
                platform_id=delivery.platform_id, message_id=f"{self.case_id}{ctx.clock.now()}{status}",
                delivery_id=delivery.id, status=status, text="部门意见", received_at=ctx.clock.now(),
            )  # fmt: skip
            apply_outcomes(replace(ctx, actor=SYSTEM), catalogue(self.world.installed), [(outcome, delivery)])
        self.night()

    @rule(who=WHO, days_more=st.integers(1, 20), approve=st.booleans())
    def extension(self, who: str, days_more: int, approve: bool) -> None:
        self.legally(who, lambda ctx: ask_extension(ctx, self.case(ctx), days=days_more, reason="核查未回"))
        self.legally("approver1", lambda ctx: decide_extension(ctx, self.case(ctx), approve=approve, words="同意"))

    @rule(who=WHO)
    def urged(self, who: str) -> None:
        self.legally("approver1", lambda ctx: urge(ctx, self.case(ctx), "urge", "请抓紧办理"))

        def verb(ctx: Context) -> None:
            for row in urgings_of(ctx, self.case_id):
                answer_urging(ctx, self.case(ctx), row.id or 0, "已办")

        self.legally(who, verb)

    @rule(who=WHO)
    def pull(self, who: str) -> None:
        self.legally(who, lambda ctx: pull_next(ctx))

    # What becomes of the people.

    @rule(hours=st.integers(1, 96))
    def time_passes(self, hours: int) -> None:
        self.clock.offset += timedelta(hours=hours)
        self.night()

    @rule(who=WHO, ahead=st.integers(0, 3), length=st.integers(0, 4), third=st.sampled_from(("", *STAFF)))
    def leave(self, who: str, ahead: int, length: int, third: str) -> None:
        def verb(ctx: Context) -> None:
            first = ctx.clock.today() + timedelta(days=ahead)
            span, named = days(first, first + timedelta(days=length)), self.ids.get(third, "")
            enter_absence(ctx, self.ids[who], "leave", span, third=named, even_uncovered=True)

        self.legally("hubadmin1", verb)

    @rule(number=NUMBER, third=st.sampled_from(("", *STAFF)), day=NUMBER)
    def third(self, number: int, third: str, day: int) -> None:
        def verb(ctx: Context) -> None:
            row = self._absence(ctx, number)
            if row is not None:
                name_third(ctx, row, self.ids.get(third, ""), ctx.clock.today() + timedelta(days=day % 4))

        self.legally("hubadmin1", verb)

    @rule(number=NUMBER)
    def back(self, number: int) -> None:
        def verb(ctx: Context) -> None:
            row = self._absence(ctx, number)
            if row is not None:
                end_absence(ctx, row)

        self.legally("hubadmin1", verb)

    def _absence(self, ctx: Context, number: int) -> AbsenceRow | None:
        rows = ctx.session.exec(select(AbsenceRow).order_by(col(AbsenceRow.id))).all()
        return rows[number % len(rows)] if rows else None

    @rule(number=NUMBER, kind=st.sampled_from(("note", "paper")))
    def write_down(self, number: int, kind: str) -> None:
        with self.as_("hubadmin1") as ctx:
            row = self._absence(ctx, number)
            who = next((name for name, one in self.ids.items() if row and one == row.worker_id), "")

        def verb(ctx: Context) -> None:
            again = self._absence(ctx, number)
            if again is not None:
                hand_over(ctx, again, kind, [self.line, BEHIND], "周二等电话")

        if who:
            self.legally(who, verb)

    @rule(who=WHO)
    def taken(self, who: str) -> None:
        def verb(ctx: Context) -> None:
            for cover in ctx.session.exec(select(CoverRow).where(CoverRow.to_id == ctx.actor.id)).all():
                papers = {row.id: "received" for row in handovers(ctx, cover.absence_id, cover.line_id)}
                take_over(ctx, cover, papers, {})

        self.legally(who, verb)

    @rule(who=WHO, owner=WHO)
    def calls(self, who: str, owner: str) -> None:
        def ask(ctx: Context) -> None:
            cover = cover_of(ctx, self.case(ctx))
            if cover is not None:
                call(ctx, self.case(ctx), ctx.session.get_one(CoverRow, cover.id), "居民来问")

        def answer(ctx: Context) -> None:
            for row, case in calls_to(ctx, ctx.actor.id):
                answer_call(ctx, row, case, "已回电")
            for absence in ctx.session.exec(select(AbsenceRow).where(AbsenceRow.worker_id == ctx.actor.id)).all():
                give_back(ctx, absence)

        self.legally(who, ask)
        self.legally(owner, answer)

    @rule(a=WHO, b=WHO, settles=st.booleans())
    def post(self, a: str, b: str, settles: bool) -> None:
        self.legally("hubadmin1", lambda ctx: set_post(ctx, self.line, self.ids[a], self.ids[b], may_settle=settles))

    @rule(who=WHO, closes=st.booleans())
    def account(self, who: str, closes: bool) -> None:
        change = deactivate_worker if closes else activate_worker
        self.legally("hubadmin1", lambda ctx: change(ctx, self.ids[who]))

    @rule(who=WHO, role=st.sampled_from(("worker", "reviewer", "approver")), hours=st.integers(1, 99))
    def role_for_a_time(self, who: str, role: str, hours: int) -> None:
        def verb(ctx: Context) -> None:
            term = Term(ctx.clock.now(), ctx.clock.now() + timedelta(hours=hours), "临时支援", "temporary")
            grant_for_a_time(ctx, self.ids[who], role, term)

        self.legally("hubadmin1", verb)

    @rule(who=WHO)
    def role_ends(self, who: str) -> None:
        def verb(ctx: Context) -> None:
            query = select(GrantRow.id).where(GrantRow.worker_id == self.ids[who], col(GrantRow.valid_to).is_(None))
            for grant in ctx.session.exec(query).all():
                take_role(ctx, grant or 0)

        self.legally("hubadmin1", verb)

    @rule(to=WHO, evens_out=st.booleans())
    def share_out(self, to: str, evens_out: bool) -> None:
        def verb(ctx: Context) -> None:
            if evens_out:
                balance(ctx, "均衡")
            else:
                reassign(ctx, [self.case_id], self.ids[to], "改派")

        self.legally("hubadmin1", verb)

    @rule(closes=st.booleans())
    def line_closes(self, closes: bool) -> None:
        def verb(ctx: Context) -> None:
            if closes:
                close_line(ctx, self.line)
            else:
                open_line(ctx, self.world.installed, self.line)

        self.legally("hubadmin1", verb)

    @rule(publishes=st.booleans())
    def roster(self, publishes: bool) -> None:
        def verb(ctx: Context) -> None:
            make_month(ctx, ctx.clock.today())
            if publishes:
                publish_month(ctx, ctx.clock.today())

        self.legally("hubadmin1", verb)

    # What holds after each of them.

    @invariant()
    def has_an_owner_who_looks_after_it_or_the_admin_knows(self) -> None:
        with self.as_("hubadmin1") as ctx:
            case = self.case(ctx)
            owner = ctx.session.get(WorkerRow, case.owner_id)
            assert owner is not None
            if case.state not in OPEN_STATES:
                return
            left = {one.worker_id for one in left_behind(ctx)}
            assert (owner.id in left) == (not owner.is_active or not self._takes_in(ctx, owner.id))
            cover = cover_of(ctx, case)
            assert (cover is not None) == self._is_away(ctx, owner.id)
            if cover is not None and not cover.to_id:
                assert cover.id in {gap.id for gap in gaps_ahead(ctx)}
            elif cover is not None:
                assert cover.to_id != owner.id
                assert not self._is_away(ctx, cover.to_id)
                assert ctx.session.get_one(WorkerRow, cover.to_id).is_active

    @invariant()
    def has_a_clock(self) -> None:
        with self.as_("hubadmin1") as ctx:
            case = self.case(ctx)
            item = kept_item(ctx, case)
            assert item is not None
            assert case.state in (*OPEN_STATES, *CLOSED_STATES)
            steps = ctx.session.exec(select(StepRow).where(StepRow.case_id == case.id, StepRow.state == "open")).all()
            stops = ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == case.id)).all()
            running = [stop for stop in stops if stop.to_day is None]
            if case.state in CLOSED_STATES:
                assert not steps
                assert not running
                assert case.concluded_at is not None or case.state in ("delivered", "archived")
                return
            assert len(steps) <= 1
            assert bool(running) == (case.state in ("correction", "suspended"))
            has_limit = item.promised_days is not None or item.statutory_days is not None
            assert not has_limit or case.due_on is not None

    @invariant()
    def somebody_may_act_or_the_admin_knows(self) -> None:
        for who in STAFF:
            with self.as_(who) as ctx:
                case, real = self.case(ctx), self.really(ctx)
                if case.state in CLOSED_STATES or (case.step_by == "department" and case.state != "correction"):
                    return
                if real is not None and not self._is_away(ctx, ctx.actor.id) and self._has_a_way(real, case):
                    return
        with self.as_("hubadmin1") as ctx:
            now = ctx.clock.now()
            gaps = {gap.line_id for gap in gaps_ahead(ctx) if gap.starts_at <= now}
            known = bool(gaps & {self.line, BEHIND} or left_behind(ctx) or unmanned_roles(ctx))
            case = self.case(ctx)
            assert known, (case.state, case.step_by)

    def _has_a_way(self, ctx: Context, case: CaseRow) -> bool:
        names = {one["name"] for one in actions(ctx, case, kept_item(ctx, case))} - IDLE
        if case.state == "correction" and any(role.partition(":")[0] == "worker" for role in ctx.actor.roles):
            names.add("supply")
        cover = cover_of(ctx, case)
        if cover is not None and cover.to_id == ctx.actor.id and not cover.may_settle:
            return bool(names)  # writes down and calls: the owner hears of it
        return bool(names)

    def _is_away(self, ctx: Context, worker_id: str) -> bool:
        now = ctx.clock.now()
        query = select(AbsenceRow.id).where(AbsenceRow.worker_id == worker_id, col(AbsenceRow.starts_at) <= now)
        return ctx.session.exec(query.where(col(AbsenceRow.ends_at) > now)).first() is not None

    def _takes_in(self, ctx: Context, worker_id: str) -> bool:
        now = ctx.clock.now()
        query = select(GrantRow.id).where(GrantRow.worker_id == worker_id, GrantRow.role == "worker")
        query = query.where(col(GrantRow.valid_from) <= now, GrantRow.kind != "cover", GrantRow.hub_id == "wutong")
        return ctx.session.exec(query.where(or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now))).first() is not None  # fmt: skip  # noqa: E501


def test_no_sequence_leaves_a_case_without_owner_clock_or_somebody_who_may_act(world: World, act: Any) -> None:
    def hub() -> Hub:
        machine = Hub()
        machine.world, machine.act = world, act
        return machine

    many = int(os.environ.get("WORKBENCH_TEST_SEQUENCES", "15"))
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        hub,
        settings=settings(
            max_examples=many, stateful_step_count=14, deadline=None, derandomize=many == 15, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
