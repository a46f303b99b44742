"""A clock that was set back leaves nothing waiting for a future nobody planned."""

from datetime import UTC, datetime, timedelta
from typing import Any

from told import PLATFORM

from workbench.delivery.clock_back import forget_the_future
from workbench.delivery.models import PlatformRow, WorkerProcessRow
from workbench.delivery.presence import count_running, last_beat

NOW = datetime.now(UTC)
AHEAD = NOW + timedelta(days=400)


def test_what_waits_for_the_future_is_due_now(post: Any, act: Any) -> None:
    far, near, accepted = post.send() + post.send() + post.send()
    soon = NOW + timedelta(minutes=5)
    post.change(far, due_at=AHEAD)
    post.change(near, due_at=soon)
    post.change(accepted, due_at=soon, created_at=soon)
    with act() as ctx:
        forget_the_future(ctx.session, NOW)

    assert [post.row(key).due_at for key in (far, near, accepted)] == [NOW, soon, NOW]


def test_worker_that_died_ahead_does_not_seem_to_live(act: Any) -> None:
    with act() as ctx:
        ctx.session.add(WorkerProcessRow(id="a", host="h", pid=1, started_at=AHEAD, seen_at=AHEAD))
    with act() as ctx:
        forget_the_future(ctx.session, NOW)

    with act() as ctx:
        assert last_beat(ctx.session) == NOW
        assert count_running(ctx.session, NOW + timedelta(seconds=15)) == 0


def test_platform_is_looked_at_and_asked_again(post: Any, act: Any) -> None:
    post.send()
    with act() as ctx:
        row = ctx.session.get_one(PlatformRow, PLATFORM)
        row.checked_at = row.collected_at = row.recovered_at = row.last_ok_at = row.closed_until = AHEAD
    with act() as ctx:
        forget_the_future(ctx.session, NOW)

    with act() as ctx:
        row = ctx.session.get_one(PlatformRow, PLATFORM)
        assert (row.checked_at, row.collected_at, row.recovered_at) == (None, None, None)
        assert (row.last_ok_at, row.closed_until) == (NOW, NOW)
