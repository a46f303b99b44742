"""The dispatcher turn by turn, with a platform that says what it is told to say."""

from datetime import timedelta
from typing import Any

import pytest
from shop import OTHER
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from told import PLATFORM, ToldAdapter

from workbench.api import BrokenPromise, NeedsSettings, OutcomeUnknown, TryLater
from workbench.delivery.lease import claim
from workbench.delivery.models import DeliveryEventRow, DeliveryRow
from workbench.delivery.presence import announce
from workbench.jobs import dispatcher as module
from workbench.jobs.applier import Afterwards, Applier, Writes
from workbench.jobs.workshop import workers_folder


def test_turns_send_what_waits(shop: Any, town: Any) -> None:
    keys = town.accept(2, PLATFORM) + town.accept(1, OTHER)

    shop().turn(6)

    assert [town.row(key).state for key in keys] == ["accepted"] * 3


def test_sick_platform_leaves_the_others_unchanged(shop: Any, town: Any) -> None:
    sick, well = [town.accept(1, PLATFORM)[0] for _ in range(20)], town.accept(1, OTHER)
    here = shop()
    here.adapters[PLATFORM].answer = TryLater("down")

    here.turn(6)

    assert town.row(well[0]).state == "accepted"
    assert {town.row(key).state for key in sick} == {"waiting"}
    assert town.platform(PLATFORM).closed_until is not None
    assert here.adapters[PLATFORM].asked.count("push") <= 3 + 4  # the breaker's three and what was in flight


def test_broken_promise_costs_no_more_than_what_was_in_flight(shop: Any, town: Any) -> None:
    for _ in range(20):
        town.accept(1, PLATFORM)
    here = shop()
    here.adapters[PLATFORM].answer = BrokenPromise("garbage")

    here.turn(6)

    stopped = town.states().count(("needs-people", "broken-promise"))
    assert 3 <= stopped <= 3 + 4


def test_claim_whose_commit_was_not_heard_of_is_taken_back(shop: Any, town: Any) -> None:
    here = shop()
    (key,) = town.accept(1, PLATFORM)
    terms = {"worker_id": here.workshop.presence.id, "platform_id": PLATFORM, "limit": 1}
    with here.workshop.store.write() as session:
        claim(session, here.workshop.files, now=here.workshop.now(), **terms)

    here.turn(4)

    assert town.row(key).state == "accepted"


def test_result_waits_in_memory_while_the_database_is_away(
    shop: Any, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shop()
    (key,) = town.accept(1, PLATFORM)
    real, fails = module.write_results, [2]

    def failing(*arguments: Any) -> int:
        fails[0] -= 1
        if fails[0] >= 0:
            raise OperationalError("write", {}, Exception("away"))
        return real(*arguments)

    monkeypatch.setattr(module, "write_results", failing)
    here.turn(1)
    for _ in range(2):
        with pytest.raises(OperationalError):
            here.turn(1)
    here.turn(2)

    assert town.row(key).state == "accepted"
    assert here.adapters[PLATFORM].asked.count("push") == 1


def test_answer_the_database_cannot_hold_takes_no_other_with_it(
    shop: Any, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shop()
    keys = [town.accept(1, PLATFORM)[0] for _ in range(3)]
    real = module.write_results

    def failing(session: Any, results: Any, now: Any) -> int:
        if any(result.delivery_id == keys[1] and result.state == "accepted" for result in results):
            raise ValueError("cannot be stored")
        return real(session, results, now)

    monkeypatch.setattr(module, "write_results", failing)
    here.turn(6)

    assert [town.row(key).state for key in keys] == ["accepted", "needs-people", "accepted"]
    with town.store.read() as session:
        proof = session.exec(select(DeliveryEventRow.proof).where(DeliveryEventRow.delivery_id == keys[1])).one()
    assert proof == b"<ok/>"


def test_adapter_that_cannot_be_started_sets_its_deliveries_aside(shop: Any, town: Any) -> None:
    here = shop()
    here.adapters[PLATFORM] = ImportError("gone")
    (key,) = town.accept(1, PLATFORM)
    here.turn(3)
    assert (town.row(key).state, town.row(key).reason) == ("parked", "adapter-missing")

    fresh = shop()
    fresh.turn(3)

    assert town.row(key).state == "accepted"


def test_platform_that_is_not_installed_waits_for_its_package(
    shop: Any, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shop()
    (key,) = town.accept(1, "test_office.new")
    monkeypatch.setattr(module, "find_installed", lambda settings, store: here.installed(PLATFORM, OTHER))
    here.turn(2)
    assert (town.row(key).state, town.row(key).reason) == ("parked", "adapter-missing")

    here.adapters["test_office.new"] = ToldAdapter()
    monkeypatch.setattr(
        module, "find_installed", lambda settings, store: here.installed(PLATFORM, OTHER, "test_office.new")
    )
    here.turn(4)

    assert town.row(key).state == "accepted"


def test_missing_settings_stop_one_parcel_and_close_the_platform(shop: Any, town: Any) -> None:
    for _ in range(10):
        town.accept(1, PLATFORM)
    here = shop()
    here.adapters[PLATFORM] = NeedsSettings("base_url is missing")

    here.turn(5)

    assert 1 <= town.states().count(("needs-people", "settings")) <= 4
    assert town.platform(PLATFORM).closed_reason == "settings"


def test_paused_platform_gets_nothing(shop: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    here = shop()
    town.change_platform(PLATFORM, is_paused=True)

    here.turn()

    assert town.row(key).state == "waiting"


def test_frozen_worker_does_not_keep_a_platform_that_came_back_from_the_others(shop: Any, town: Any) -> None:
    (held,), keys = town.accept(1, PLATFORM), [town.accept(1, PLATFORM)[0] for _ in range(5)]
    here, now = shop(), town.settings.clock().now()
    frozen = announce(town.store, workers_folder(town.settings), now)
    with town.store.write() as session:
        terms = {"worker_id": frozen.id, "platform_id": PLATFORM, "limit": 1}
        claim(session, here.workshop.files, now=now, **terms)
        session.get_one(DeliveryRow, held).updated_at = now - timedelta(minutes=1)
    town.change_platform(PLATFORM, recovered_at=now)

    here.turn(6)

    assert town.row(held).state == "sending"
    assert {town.row(key).state for key in keys} == {"accepted"}
    frozen.release()


def test_platform_that_came_back_gets_one_parcel_first(shop: Any, town: Any) -> None:
    (held,), (key,) = town.accept(1, PLATFORM), town.accept(1, PLATFORM)
    here, now = shop(), town.settings.clock().now()
    other = announce(town.store, workers_folder(town.settings), now)
    with town.store.write() as session:
        terms = {"worker_id": other.id, "platform_id": PLATFORM, "limit": 1}
        claim(session, here.workshop.files, now=now, **terms)
    town.change_platform(PLATFORM, recovered_at=now)

    here.turn(3)

    assert [town.row(one).state for one in (held, key)] == ["sending", "waiting"]
    other.release()


def test_dead_worker_where_a_person_decides_leaves_it_to_a_person(shop: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    dead = announce(town.store, workers_folder(town.settings), town.settings.clock().now())
    here = shop(repeat="person-decides", capabilities=["push"])
    here.adapters[PLATFORM].capabilities = frozenset({"push"})
    terms = {"worker_id": dead.id, "platform_id": PLATFORM, "limit": 1, "now": here.workshop.now()}
    with here.workshop.store.write() as session:
        claim(session, here.workshop.files, **terms)
    here.turn()
    assert town.row(key).state == "sending"  # its worker lives

    dead.release()
    here.turn(4)

    assert (town.row(key).state, town.row(key).reason) == ("needs-people", "outcome-unknown")
    assert "push" not in here.adapters[PLATFORM].asked


def test_unknown_outcome_says_nothing_about_the_platform(shop: Any, town: Any) -> None:
    for _ in range(5):
        town.accept(1, PLATFORM)
    here = shop()
    here.adapters[PLATFORM].answer = OutcomeUnknown("lost")

    here.turn(5)

    assert town.platform(PLATFORM).closed_until is None


def test_applier_lets_each_outcome_count_once_and_goes_round_one_that_fails(shop: Any, town: Any) -> None:
    good, bad = town.accept(1, PLATFORM)[0], town.accept(1, PLATFORM)[0]
    here = shop()
    here.turn(4)
    told: list[tuple[str, str]] = []

    def apply_outcomes(ctx: Any, pairs: Any) -> tuple[()]:
        for outcome, delivery in pairs:
            told.append((delivery.id, outcome.status))
            ctx.session.get_one(type(delivery), delivery.id).reason_text = "half done"
            if delivery.id == bad:
                raise ZeroDivisionError
        return ()

    applier = Applier(here.workshop, apply_outcomes)

    assert [applier.turn(), applier.turn()] == [1, 0]
    assert set(told) == {(good, "accepted"), (bad, "accepted")}
    assert (town.row(good).reason_text, town.row(bad).reason_text) == ("half done", "")


def test_what_follows_an_outcome_is_done_for_each_and_its_writes_are_kept(shop: Any, town: Any) -> None:
    keys = [town.accept(1, PLATFORM)[0] for _ in range(3)]
    here = shop()
    here.turn(4)

    def follow(delivery_id: str) -> Afterwards:
        def afterwards(ctx: Any) -> Writes:
            if delivery_id == keys[0]:
                raise ZeroDivisionError
            ctx.session.get_one(DeliveryRow, delivery_id)
            return lambda ctx: setattr(ctx.session.get_one(DeliveryRow, delivery_id), "reason_text", "told")

        return afterwards

    applier = Applier(here.workshop, lambda ctx, pairs: [follow(delivery.id) for _, delivery in pairs])

    assert applier.turn() == 3
    assert [town.row(key).reason_text for key in keys] == ["", "told", "told"]
