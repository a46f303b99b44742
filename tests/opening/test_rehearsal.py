"""A rehearsal sends every item over the wire and leaves nothing behind but its own record."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select
from waiting import PATIENCE

from workbench.api.manifest import PlatformManifest
from workbench.catalogue.loaded import catalogue
from workbench.delivery.configure import save_staging, staging_settings
from workbench.delivery.health import ensure_platform
from workbench.host.discover import Installed, Line, discover
from workbench.hubs.open_lines import find_hub
from workbench.identity.models import AuditRow
from workbench.opening import send
from workbench.opening.compose import compose
from workbench.opening.models import RehearsalRow
from workbench.opening.pretend import Pretend
from workbench.opening.rehearse import (
    ask_rehearsal,
    last_rehearsal,
    next_asked,
    open_rehearsed,
    run_rehearsal,
    waive_rehearsal,
)
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problem
from workbench.tables import METADATA

Act = Callable[..., AbstractContextManager[Context]]
#: What a rehearsal may write.
ITS_OWN = {"rehearsal", "rehearsal_step", "audit", "audit_head", "audit_stream"}


@cache
def installed() -> Installed:
    return discover()


def line(line_id: str = "civil_affairs") -> Line:
    found = installed().line(line_id)
    assert found is not None
    return found


def counts(store: Store) -> dict[str, int]:
    with store.read() as session:
        tables = [table for table in METADATA.sorted_tables if table.name not in ITS_OWN]
        return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def at(ctx: Context) -> Callable[[Session, str], Context]:
    def give(session: Session, hub_id: str) -> Context:
        hub = find_hub(session, hub_id)
        assert hub is not None
        return replace(ctx, session=session, hub=hub)

    return give


def rehearse(act: Act, store: Store, which: Line, plan: Installed | None = None) -> str:
    with act("hubadmin1") as ctx:
        asked = ask_rehearsal(ctx, which).id
        assert ask_rehearsal(ctx, which).id == asked
        assert next_asked(ctx.session) == asked
    return run_rehearsal(store, at(ctx), catalogue(installed()), plan or installed(), asked)


def test_every_item_is_sent_over_the_wire_and_nothing_is_left(
    act: Act, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "ANSWERS_WITHIN", PATIENCE)
    before = counts(store)

    assert rehearse(act, store, line()) == "passed"

    assert counts(store) == before
    with act("hubadmin1") as ctx:
        done = last_rehearsal(ctx.session, "wutong", line())
        assert done is not None and done.is_good
        items = catalogue(installed()).at(ctx.hub.division, ctx.clock.today(), ["civil_affairs"])
        assert {step.item_code for step in done.steps} == {item.code for item in items}
        verdicts = {step.verdict for step in done.steps}
        assert {"accepted", "sheet"} <= verdicts <= {"accepted", "taken", "sheet", "not-now"}
        accepted = [step for step in done.steps if step.verdict == "accepted"]
        assert all(step.reference and step.reference in step.text_zh for step in accepted)
        assert any("办理结果已收到" in step.text_zh for step in accepted)
        people = set(ctx.session.exec(select(AuditRow.person_id)))
    assert people == {""}


def test_rehearsal_never_goes_where_real_cases_go(act: Act, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    real = send.Platform.make_adapter

    def note(self, settings, transports):  # type: ignore[no-untyped-def]
        built.append(str(settings.get("base_url", "")))
        return real(self, settings, transports)

    monkeypatch.setattr(send.Platform, "make_adapter", note)
    gateway = installed().platform("civil_affairs.case_gateway")
    assert gateway is not None and gateway.manifest is not None
    with act("sysadmin") as ctx:
        row = ensure_platform(ctx.session, gateway.id)
        row.settings = {"base_url": "http://127.0.0.1:9/live"}
    rehearse(act, store, line())
    assert built and not any("/live" in address for address in built)


def test_trial_address_is_used_where_one_is_entered(act: Act, store: Store) -> None:
    gateway = installed().platform("civil_affairs.case_gateway")
    assert gateway is not None and gateway.manifest is not None
    manifest: PlatformManifest = gateway.manifest
    trial = Pretend(gateway)
    try:
        reached = trial.wait()
        with act("sysadmin") as ctx:
            typed = {one.key: str(reached.get(one.key, one.default)) for one in manifest.settings}
            save_staging(ctx, manifest, typed)
            assert staging_settings(ctx.session, manifest)["base_url"] == reached["base_url"]

        assert rehearse(act, store, line()) == "passed"

        assert (trial.folder / "ledger.jsonl").read_text("utf-8").count("\n") > 5
    finally:
        trial.stop()
    with act("sysadmin") as ctx:
        save_staging(ctx, manifest, {})
        assert staging_settings(ctx.session, manifest) == {}


def test_what_fails_is_said_in_words(act: Act, store: Store) -> None:
    sick = [replace(one, state="broken", reason="codec.py is missing") for one in installed().platforms]

    assert rehearse(act, store, line("housing"), replace(installed(), platforms=tuple(sick))) == "failed"

    with act("hubadmin1") as ctx:
        done = last_rehearsal(ctx.session, "wutong", line("housing"))
        assert done is not None and not done.is_good
        assert all("codec.py is missing" in step.text_en for step in done.steps if step.verdict == "failed")
    with pytest.raises(Problem, match="not_rehearsed"), act("hubadmin1") as ctx:
        open_rehearsed(ctx, installed(), "housing")


def test_item_that_cannot_be_accepted_says_why(act: Act, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.opening.compose.answer_all", lambda form, known: {})
    with act("hubadmin1") as ctx:
        items = catalogue(installed()).at(ctx.hub.division, ctx.clock.today(), ["civil_affairs"])[:1]
    (done,) = compose(store, ctx, catalogue(installed()), installed(), items)
    assert done.verdict == "failed"
    assert done.text_en.startswith("Cannot be completed: ")


def test_waived_with_a_reason_only(act: Act) -> None:
    with pytest.raises(Problem, match="reason"), act("hubadmin1") as ctx:
        waive_rehearsal(ctx, line(), "  ")
    with act("hubadmin1") as ctx:
        waive_rehearsal(ctx, line(), "部门系统本周停机，已电话核对")
        open_rehearsed(ctx, installed(), "civil_affairs")
    with act("hubadmin1") as ctx:
        trail = [
            tuple(row) for row in ctx.session.exec(select(AuditRow.action, AuditRow.purpose).order_by(col(AuditRow.id)))
        ]
    assert trail == [("line.rehearsal_waived", "部门系统本周停机，已电话核对"), ("line.open", "")]


def test_another_version_is_rehearsed_again(act: Act) -> None:
    with act("hubadmin1") as ctx:
        waive_rehearsal(ctx, line(), "x")
        row = ctx.session.exec(select(RehearsalRow)).one()
        row.line_version = "2025.9"
    with pytest.raises(Problem, match="not_rehearsed"), act("hubadmin1") as ctx:
        open_rehearsed(ctx, installed(), "civil_affairs")
