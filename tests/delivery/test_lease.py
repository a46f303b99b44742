"""Claims: one holder at a time, lanes in order, a stale holder writes nothing, the dead are taken over from."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workbench.api import Receipt
from workbench.delivery import presence
from workbench.delivery.acknowledge import write_results
from workbench.delivery.dispatch import received
from workbench.delivery.lease import give_back, owners, rescue
from workbench.delivery.models import DeliveryEventRow, OutcomeRow
from workbench.store.clock import Clock

NOW = Clock().now
TAKEN = Receipt("accepted", "R1", None, b"<ok/>")


def acknowledge(store: Any, *results: Any) -> int:
    with store.write() as session:
        return write_results(session, results, NOW())


def test_claim_takes_each_delivery_once(post: Any) -> None:
    keys = [post.send()[0] for _ in range(3)]

    assert [claimed.delivery_id for claimed in post.claim("worker-a", limit=2)] == keys[:2]
    assert [claimed.delivery_id for claimed in post.claim("worker-b")] == keys[2:]
    assert post.claim("worker-a") == []


def test_claim_waits_for_the_parcel_before_in_its_lane_only(post: Any, store: Any) -> None:
    first, second = post.send(2, case_id="C1")
    (other,) = post.send(case_id="C2")

    claims = {claimed.delivery_id: claimed for claimed in post.claim()}
    assert set(claims) == {first, other}

    acknowledge(store, received(claims[first], TAKEN))
    assert [claimed.delivery_id for claimed in post.claim()] == [second]


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [("needs-people", False), ("parked", False), ("sent", True), ("accepted", True), ("refused", True), ("done", True)],
)
def test_lane_goes_on_once_the_department_has_the_parcel_before(post: Any, state: str, goes_on: bool) -> None:
    first, second = post.send(2, case_id="C1")
    post.change(first, state=state)

    assert [claimed.delivery_id for claimed in post.claim()] == ([second] if goes_on else [])


def test_delivery_that_is_not_due_is_left_alone(post: Any) -> None:
    (key,) = post.send()
    post.change(key, due_at=NOW() + timedelta(seconds=30))

    assert post.claim() == []


def test_stale_worker_cannot_write_but_its_answer_is_kept(post: Any, store: Any) -> None:
    (key,) = post.send()
    (stale,) = post.claim("worker-a")
    with store.write() as session:
        assert rescue(session, "worker-a", NOW(), settle={}) == 1
    (fresh,) = post.claim("worker-b")

    assert acknowledge(store, received(stale, TAKEN)) == 1

    assert (post.row(key).state, post.row(key).reference) == ("sending", "")
    with store.read() as session:
        late = post.all(session, DeliveryEventRow)[-1]
        assert (late.text, late.proof) == ("late answer: accepted R1", b"<ok/>")
        assert post.all(session, OutcomeRow) == []
    assert fresh.fence > stale.fence
    assert fresh.in_doubt


def test_rescue_puts_off_what_may_still_be_on_its_way(post: Any, store: Any) -> None:
    (key,) = post.send()
    post.claim("worker-a")

    with store.write() as session:
        rescue(session, "worker-a", NOW(), settle={"test_office.window": 10.0})

    assert post.row(key).in_doubt
    assert post.claim() == []


def test_rescue_keeps_what_is_known_to_be_under_way(post: Any, store: Any) -> None:
    post.send()
    (claimed,) = post.claim("worker-a")

    with store.write() as session:
        assert rescue(session, "worker-a", NOW(), settle={}, keep=[(claimed.delivery_id, claimed.fence)]) == 0


def test_given_back_claim_was_never_tried(post: Any, store: Any) -> None:
    (key,) = post.send()
    claims = post.claim()

    with store.write() as session:
        give_back(session, claims, NOW())
        assert owners(session) == set()

    assert (post.row(key).state, post.row(key).attempts, post.row(key).in_doubt) == ("waiting", 0, False)


def test_given_back_claim_of_another_holder_stays(post: Any, store: Any) -> None:
    post.send()
    (claimed,) = post.claim("worker-a")

    with store.write() as session:
        give_back(session, [replace(claimed, fence=claimed.fence - 1)], NOW())
        assert owners(session) == {"worker-a"}


def test_presence_is_dead_only_once_its_lock_is_free(store: Any, tmp_path: Any) -> None:
    held = presence.announce(store, tmp_path / "workers", NOW())

    with store.write() as session:
        assert not presence.is_dead(session, tmp_path / "workers", held.id)
    assert held.is_held()

    held.release()
    with store.write() as session:
        assert presence.is_dead(session, tmp_path / "workers", held.id)


@pytest.mark.only_sqlite
def test_presence_notices_when_its_lock_is_gone(store: Any, tmp_path: Any) -> None:
    held = presence.announce(store, tmp_path / "workers", NOW())
    (tmp_path / "workers" / f"{held.id}.lock").unlink()

    assert not held.is_held()
    held.release()


def test_presence_clears_the_files_of_the_dead_only(store: Any, tmp_path: Any) -> None:
    held = presence.announce(store, tmp_path, NOW())
    (tmp_path / "DEAD.lock").touch()

    presence.clear_files(tmp_path)

    assert not (tmp_path / "DEAD.lock").exists()
    assert held.is_held()
    held.release()


@pytest.mark.only_postgresql
def test_presence_notices_when_its_database_connection_is_gone(store: Any, tmp_path: Any) -> None:
    held = presence.announce(store, tmp_path, NOW())
    with store.write() as session:
        ours = "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ended = f"SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE {ours}"  # gone, not only told to go
        assert session.connection().exec_driver_sql(ended).scalars().all() == [True]

    assert not held.is_held()
    with store.write() as session:
        assert presence.is_dead(session, tmp_path, held.id)
    held.release()
