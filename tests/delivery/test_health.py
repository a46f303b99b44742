"""The breaker opens, looks once a minute, closes gently; the board is one statement."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from workbench.api import BrokenPromise, Health, NeedsCredentials, Receipt, TryLater
from workbench.delivery.acknowledge import write_results
from workbench.delivery.dispatch import failed, received
from workbench.delivery.health import (
    FAILURES,
    ensure_platforms,
    is_half_open,
    note_results,
    platform_states,
    queue_figures,
    record_check,
    take_check,
)
from workbench.delivery.lease import PATIENCE
from workbench.delivery.models import PlatformRow
from workbench.store.clock import Clock

NOW = Clock().now
PLATFORM = "test_office.window"


@pytest.fixture
def learn(store: Any, manifest: Any) -> Any:
    """Write down this receipt or error for a claim, and learn from it."""

    def learning(claimed: Any, said: Any) -> None:
        known = isinstance(said, Receipt)
        result = received(claimed, said) if known else failed(claimed, said, manifest())
        with store.write() as session:
            write_results(session, [result], NOW())
            note_results(session, PLATFORM, [result], NOW())

    return learning


@pytest.fixture
def attempt(post: Any, learn: Any) -> Any:
    """Send one parcel with this receipt or error and learn from it."""

    def attempting(said: Any) -> str:
        (key,) = post.send(order="none")
        (claimed,) = [one for one in post.claim() if one.delivery_id == key]
        learn(claimed, said)
        return key

    return attempting


def platform(store: Any) -> PlatformRow:
    with store.read() as session:
        row = session.get_one(PlatformRow, PLATFORM)
        session.expunge(row)
        return row


def check(store: Any, found: Health, *, settles: float = 0.0) -> None:
    with store.write() as session:
        record_check(session, PLATFORM, found, NOW(), settles=settles)


GOOD = Receipt("accepted", "R1", None, b"<ok/>")


@pytest.mark.parametrize("error", [TryLater("down"), BrokenPromise("garbage")])
def test_platform_closes_after_failures_in_a_row_only(attempt: Any, store: Any, error: Exception) -> None:
    for said in (error, error, GOOD, error, error):
        attempt(said)
        assert platform(store).closed_until is None

    attempt(error)

    assert platform(store).failures == FAILURES
    assert platform(store).health == "down"
    assert platform(store).closed_until > NOW() + timedelta(seconds=50)


def test_refused_credentials_close_at_once_and_for_longer(attempt: Any, store: Any) -> None:
    attempt(NeedsCredentials("expired"))

    row = platform(store)
    assert (row.health, row.closed_reason) == ("unconfigured", "credentials")
    assert row.closed_until > NOW() + timedelta(seconds=500)


def test_look_is_reserved_once_a_minute_over_all_processes(attempt: Any, store: Any) -> None:
    for _ in range(FAILURES):
        attempt(TryLater("down"))
    later = NOW() + timedelta(seconds=61)

    def take(now: Any) -> bool:
        with store.write() as session:
            return take_check(session, PLATFORM, now, every=1)

    assert take(NOW())  # nobody ever looked
    assert not take(NOW() + timedelta(seconds=30))
    assert [take(later), take(later), take(later + timedelta(seconds=59))] == [True, False, False]
    assert take(later + timedelta(seconds=60))


def test_look_is_due_when_the_settings_were_announced_anew(attempt: Any, store: Any) -> None:
    check(store, Health("down"))

    with store.write() as session:
        assert not take_check(session, PLATFORM, NOW(), every=30)
        assert take_check(session, PLATFORM, NOW(), every=30, announced=NOW() + timedelta(seconds=1))


def test_recovered_platform_gets_all_back_in_order_of_accept(attempt: Any, post: Any, store: Any) -> None:
    keys = [attempt(TryLater("down", after=100)) for _ in range(FAILURES)]
    locked = attempt(NeedsCredentials("expired"))
    broken = attempt(BrokenPromise("garbage"))

    check(store, Health("up"))

    assert is_half_open(platform(store))
    assert [claimed.delivery_id for claimed in post.claim()] == [*keys, locked]
    assert post.row(broken).state == "needs-people"


def test_parcel_a_department_never_takes_keeps_its_platform_from_no_other(post: Any, store: Any, learn: Any) -> None:
    never, other = (post.send(order="none")[0] for _ in range(2))
    check(store, Health("down"))
    for _ in range(PATIENCE + 1):
        check(store, Health("up"))
        (first,) = post.claim(limit=1)
        assert first.delivery_id == never  # the oldest; it may have been the platform
        learn(first, TryLater("502"))
        assert platform(store).closed_until is not None

    check(store, Health("up"))

    assert [claimed.delivery_id for claimed in post.claim()] == [other]
    assert (post.row(never).reason, post.row(never).due_at > NOW()) == ("try-later", True)


def test_parcel_in_doubt_is_not_asked_for_before_it_has_settled(attempt: Any, post: Any, store: Any) -> None:
    keys = [attempt(TryLater("cut")) for _ in range(FAILURES)]
    post.change(keys[0], updated_at=NOW() - timedelta(seconds=61))

    check(store, Health("up"), settles=60)  # the department said so itself, before the minute was over

    assert [claimed.delivery_id for claimed in post.claim()] == keys[:1]


def test_half_open_platform_closes_again_at_the_first_failure(attempt: Any, store: Any) -> None:
    check(store, Health("down"))
    check(store, Health("up"))

    attempt(TryLater("down"))

    assert platform(store).closed_until is not None


def test_half_open_platform_is_open_after_one_success(attempt: Any, store: Any) -> None:
    check(store, Health("down"))
    check(store, Health("up"))

    attempt(GOOD)

    assert not is_half_open(platform(store))


def test_failing_look_does_not_close_a_platform_that_takes_parcels(attempt: Any, store: Any) -> None:
    attempt(GOOD)

    check(store, Health("down", "no page"))

    assert (platform(store).health, platform(store).closed_until) == ("degraded", None)


@pytest.fixture
def statements(store: Any) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "ROLLBACK")):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [1, 3])
def test_board_is_one_statement(post: Any, store: Any, statements: list[str], count: int) -> None:
    keys = [post.send()[0] for _ in range(count)]
    post.change(keys[0], state="needs-people", reason="rekey")
    with store.write() as session:
        ensure_platforms(session, ["test_office.idle"])
    statements.clear()

    with store.read() as session:
        idle, busy = platform_states(session)

    assert len(statements) == 1
    assert (idle.platform_id, idle.depth, idle.oldest) == ("test_office.idle", 0, None)
    assert (busy.depth, busy.needs_people, busy.is_closed) == (count, 1, False)
    assert busy.oldest == post.row(keys[0]).created_at


def test_figures_count_what_is_under_way(post: Any, store: Any) -> None:
    keys = [post.send()[0] for _ in range(3)]
    post.change(keys[0], state="done")
    post.change(keys[1], state="sent")

    with store.read() as session:
        figures = [(figure.state, figure.count, figure.oldest) for figure in queue_figures(session)]

    assert figures == [("sent", 1, post.row(keys[1]).created_at), ("waiting", 1, post.row(keys[2]).created_at)]
