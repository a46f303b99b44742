"""Sending one parcel: done, failed or unknown, by what the adapter returns or raises."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from workbench.api import (
    BrokenPromise,
    Capability,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Receipt,
    Refused,
    TryLater,
)
from workbench.delivery.acknowledge import write_results
from workbench.delivery.dispatch import send, unwritable
from workbench.delivery.models import DeliveryEventRow, OutcomeRow
from workbench.store.clock import Clock

NOW = Clock().now
AT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def deliver(post: Any, store: Any, told: Any, manifest: Any) -> Any:
    """Send one parcel through an adapter that was told what to say; returns its row afterwards."""

    def delivering(adapter: Any = None, *, in_doubt: bool = False, **platform: Any) -> Any:
        (key,) = post.send()
        (claimed,) = post.claim()
        result = send(adapter or told(), manifest(**platform), replace(claimed, in_doubt=in_doubt))
        with store.write() as session:
            write_results(session, [result], NOW())
        return post.row(key)

    return delivering


@pytest.mark.parametrize(
    ("receipt", "state", "reason", "reference"),
    [
        (Receipt("accepted", "R1", AT, b"<ok/>"), "accepted", "", "R1"),
        (Receipt("duplicate", "R1", AT, b"<again/>"), "accepted", "", "R1"),
        (Receipt("queued", "", AT, b"<queued/>"), "sent", "", ""),
        (Receipt("handed-over", "", AT, b"[]"), "needs-people", "rekey", ""),
        (Receipt("accepted", "R1", AT, b""), "needs-people", "broken-promise", ""),
    ],
)
def test_receipt_moves_the_delivery(
    deliver: Any, told: Any, receipt: Receipt, state: str, reason: str, reference: str
) -> None:
    row = deliver(told(answer=receipt))

    assert (row.state, row.reason, row.reference) == (state, reason, reference)


@pytest.mark.parametrize(
    ("error", "state", "reason", "in_doubt"),
    [
        (TryLater("busy", after=30), "waiting", "try-later", True),
        (NeedsCredentials("no"), "needs-people", "credentials", False),
        (NeedsSettings("no"), "needs-people", "settings", False),
        (Refused("缺身份证号", code="E12", field="id_no"), "refused", "refused", False),
        (BrokenPromise("garbage"), "needs-people", "broken-promise", True),
        (OutcomeUnknown("lost"), "needs-people", "outcome-unknown", True),
        (ZeroDivisionError("测试甲 990101199001010011"), "needs-people", "broken-promise", True),
    ],
)
def test_error_moves_the_delivery_by_how_one_recovers(
    deliver: Any, told: Any, error: Exception, state: str, reason: str, in_doubt: bool
) -> None:
    row = deliver(told(answer=error))

    assert (row.state, row.reason, row.in_doubt) == (state, reason, in_doubt)


def test_wait_is_never_shorter_than_the_platform_asked_for(deliver: Any, told: Any) -> None:
    row = deliver(told(answer=TryLater("busy", after=900)))

    assert 890 < (row.due_at - NOW()).total_seconds() <= 900


def test_unexpected_error_leaves_no_personal_data(deliver: Any, told: Any) -> None:
    assert deliver(told(answer=ZeroDivisionError("测试甲"))).reason_text == "unexpected ZeroDivisionError"


def test_proof_is_kept_byte_for_byte(deliver: Any, told: Any, store: Any, post: Any) -> None:
    proof = bytes(range(256))
    deliver(told(answer=Receipt("accepted", "R1", AT, proof)))

    with store.read() as session:
        assert post.all(session, DeliveryEventRow)[-1].proof == proof


def test_refusal_is_told_to_the_cases_with_field_and_words(deliver: Any, told: Any, store: Any, post: Any) -> None:
    row = deliver(told(answer=Refused("缺身份证号", code="E12", field="id_no")))

    with store.read() as session:
        (outcome,) = post.all(session, OutcomeRow)
        said = (outcome.delivery_id, outcome.status, outcome.text, outcome.field, outcome.raw_status)
    assert said == (row.id, "rejected", "缺身份证号", "id_no", "E12")


def test_parcel_in_doubt_is_found_and_not_sent_again(deliver: Any, told: Any) -> None:
    adapter = told(found=Receipt("duplicate", "R7", AT, b"<found/>"))

    row = deliver(adapter, in_doubt=True)

    assert (row.state, row.reference, row.in_doubt) == ("accepted", "R7", False)
    assert adapter.asked == ["find"]


def test_parcel_in_doubt_is_sent_when_it_is_certainly_not_there(deliver: Any, told: Any) -> None:
    adapter = told(found=None)

    assert deliver(adapter, in_doubt=True).state == "accepted"
    assert adapter.asked == ["find", "push"]


def test_parcel_in_doubt_stays_in_doubt_when_nobody_answers(deliver: Any, told: Any) -> None:
    row = deliver(told(found=TryLater("down")), in_doubt=True)

    assert (row.state, row.in_doubt) == ("waiting", True)


@pytest.mark.parametrize(("repeat", "least", "most"), [("find", 60, 61), ("key", 1, 3)])
def test_platform_without_keys_has_time_to_enter_what_it_was_slow_to_answer(
    deliver: Any, told: Any, repeat: str, least: int, most: int
) -> None:
    began = NOW()
    row = deliver(told(answer=TryLater("the answer was lost")), repeat=repeat)

    assert row.in_doubt
    assert least <= (row.due_at - began).total_seconds() <= most + (NOW() - began).total_seconds()


@pytest.mark.parametrize("repeat", ["person-decides", "find"])
def test_parcel_in_doubt_goes_to_a_person_where_nobody_can_be_asked(deliver: Any, told: Any, repeat: str) -> None:
    adapter = told(capabilities=frozenset({Capability.PUSH}))

    row = deliver(adapter, in_doubt=True, repeat=repeat, capabilities=["push"])

    assert (row.state, row.reason) == ("needs-people", "outcome-unknown")
    assert adapter.asked == []


@pytest.mark.parametrize("repeat", ["key", "natural", "row-key", "file-name"])
def test_parcel_in_doubt_is_sent_again_where_that_is_harmless(deliver: Any, told: Any, repeat: str) -> None:
    adapter = told(capabilities=frozenset({Capability.PUSH}))

    assert deliver(adapter, in_doubt=True, repeat=repeat, capabilities=["push"]).state == "accepted"


def test_rekeying_sends_nothing_and_so_is_never_in_doubt(deliver: Any, told: Any) -> None:
    adapter = told(answer=Receipt("handed-over", proof=b"[]"), capabilities=frozenset({Capability.PUSH}))

    row = deliver(adapter, in_doubt=True, way="rekey", repeat="person-decides", capabilities=["push"])

    assert (row.reason, row.in_doubt) == ("rekey", False)


def test_words_no_database_holds_are_cleaned(deliver: Any, told: Any) -> None:
    row = deliver(told(answer=Refused("缺\0少\ud800" + "长" * 5000)))

    assert row.reason_text.startswith("缺少?长")
    assert len(row.reason_text) == 2000


def test_answer_that_cannot_be_stored_goes_to_a_person_with_its_proof(
    post: Any, told: Any, manifest: Any, store: Any
) -> None:
    (key,) = post.send()
    (claimed,) = post.claim()

    with store.write() as session:
        write_results(session, [unwritable(send(told(), manifest(), claimed))], NOW())

    assert (post.row(key).state, post.row(key).reason) == ("needs-people", "broken-promise")
