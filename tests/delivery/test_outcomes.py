"""What departments say: kept once, forward only, matched by key or number, told to the cases in order."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from workbench.api import Batch, BrokenPromise, Outcome, TryLater
from workbench.delivery.collect import fetch, note_failure
from workbench.delivery.collect import store as store_batch
from workbench.delivery.models import OutcomeRow, PlatformRow
from workbench.delivery.outcomes import quarantined, unapplied_outcomes
from workbench.store.clock import Clock

NOW = Clock().now
PLATFORM = "test_office.window"
GRANTED = Outcome(status="granted", text="准予", raw_status="9", proof=b"<granted/>")


@pytest.fixture
def collect(store: Any) -> Any:
    def collecting(*outcomes: Outcome, cursor: str = "", following: str = "1") -> int:
        with store.write() as session:
            return store_batch(session, PLATFORM, cursor, Batch(outcomes, following), NOW())

    return collecting


@pytest.mark.parametrize(
    ("status", "state"),
    [("accepted", "accepted"), ("progress", "accepted"), ("correction", "accepted"), ("suspended", "accepted"),
     ("granted", "done"), ("refused", "refused"), ("rejected", "refused")],
)  # fmt: skip
def test_outcome_moves_its_delivery(post: Any, collect: Any, status: Any, state: str) -> None:
    (key,) = post.send()

    collect(replace(GRANTED, key=key, status=status, message_id="M1"))

    assert post.row(key).state == state


def test_same_message_twice_is_one_row(post: Any, collect: Any, store: Any) -> None:
    (key,) = post.send()
    nameless = replace(GRANTED, key=key)

    assert collect(replace(GRANTED, key=key, message_id="M1"), nameless, nameless) == 2
    assert collect(replace(GRANTED, key=key, message_id="M1"), nameless) == 0


def test_late_message_is_kept_and_moves_nothing_back(post: Any, collect: Any, store: Any) -> None:
    (key,) = post.send()
    collect(replace(GRANTED, key=key, message_id="M2"))

    collect(replace(GRANTED, key=key, status="accepted", message_id="M1"))
    collect(replace(GRANTED, key=key, status="refused", message_id="M3"))

    assert post.row(key).state == "done"
    with store.read() as session:
        assert [row.message_id for row in post.all(session, OutcomeRow)] == ["M2", "M1", "M3"]


def test_message_without_proof_is_not_believed(post: Any, collect: Any, store: Any) -> None:
    (key,) = post.send()

    collect(replace(GRANTED, key=key, proof=b"", message_id="M1"))

    assert post.row(key).state == "waiting"
    with store.read() as session:
        assert [row.message_id for row in quarantined(session)] == ["M1"]


def test_message_ends_the_doubt_about_a_lost_answer(post: Any, collect: Any) -> None:
    (key,) = post.send()
    post.change(key, state="needs-people", reason="outcome-unknown", in_doubt=True)

    collect(replace(GRANTED, key=key, status="accepted", reference="R9", message_id="M1"))

    row = post.row(key)
    assert (row.state, row.reason, row.reference, row.in_doubt) == ("accepted", "", "R9", False)


def test_message_takes_the_lease_from_a_sender_still_waiting_for_its_answer(post: Any, collect: Any) -> None:
    (key,) = post.send()
    (claimed,) = post.claim()

    collect(replace(GRANTED, key=key, status="accepted", message_id="M1"))

    assert post.row(key).fence == claimed.fence + 1


def test_message_that_overtakes_its_receipt_is_matched_later(post: Any, collect: Any, store: Any) -> None:
    (key,) = post.send()
    collect(replace(GRANTED, reference="R5", message_id="M1"))
    assert post.row(key).state == "waiting"

    post.change(key, state="accepted", reference="R5")
    collect(cursor="1", following="2")

    assert post.row(key).state == "done"
    with store.read() as session:
        assert quarantined(session, PLATFORM) == []
        assert [delivery.id for _, delivery in unapplied_outcomes(session, lock=False)] == [key]


def test_message_of_another_platform_matches_nothing(post: Any, collect: Any) -> None:
    (key,) = post.send(platform_id="test_office.other")

    collect(replace(GRANTED, key=key, message_id="M1"))

    assert post.row(key).state == "waiting"


def test_time_without_zone_is_taken_as_utc(post: Any, collect: Any, store: Any) -> None:
    (key,) = post.send()

    collect(replace(GRANTED, key=key, at=datetime(2026, 11, 2, 9), message_id="M1"))  # noqa: DTZ001 - on purpose

    with store.read() as session:
        assert post.all(session, OutcomeRow)[0].at.isoformat() == "2026-11-02T09:00:00+00:00"


def test_cursor_of_a_faster_process_stands(post: Any, collect: Any, store: Any) -> None:
    post.send()
    collect(cursor="", following="7")
    collect(cursor="", following="3")

    with store.read() as session:
        assert session.get_one(PlatformRow, PLATFORM).cursor == "7"


def test_unapplied_outcomes_leave_out_parcels_that_are_stuck(post: Any, collect: Any, store: Any) -> None:
    first, second = post.send(2)
    collect(*(replace(GRANTED, key=key, message_id=key) for key in (first, second)))

    with store.write() as session:
        assert [delivery.id for _, delivery in unapplied_outcomes(session, without=[first])] == [second]


@pytest.mark.parametrize(
    ("said", "text"),
    [(TryLater("busy"), "busy"), (BrokenPromise("odd"), "odd"), (KeyError("测试甲"), "unexpected KeyError")],
)
def test_failed_collect_is_written_down_and_stops_no_parcel(
    post: Any, told: Any, store: Any, said: Exception, text: str
) -> None:
    post.send()
    failure = fetch(told(batch=said), "")

    with store.write() as session:
        note_failure(session, PLATFORM, failure, NOW())

    with store.read() as session:
        row = session.get_one(PlatformRow, PLATFORM)
        assert (row.collect_detail, row.closed_until, row.failures) == (text, None, 0)
