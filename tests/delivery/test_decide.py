"""What people decide: forward only, with a trail, and never a second send without being asked."""

from typing import Any

import pytest

from workbench.delivery import decide
from workbench.delivery.decide import CannotDecide, NumbersDiffer
from workbench.delivery.models import DeliveryEventRow, OutcomeRow
from workbench.identity.models import AuditRow


@pytest.fixture
def stand(post: Any) -> Any:
    """Give a delivery that stands somewhere."""

    def standing(state: str, reason: str = "", **values: Any) -> str:
        (key,) = post.send()
        post.change(key, state=state, reason=reason, **values)
        return key

    return standing


def outcomes(store: Any, post: Any) -> list[tuple[str, str]]:
    with store.read() as session:
        return [(row.status, row.reference) for row in post.all(session, OutcomeRow)]


def test_rekeyed_case_is_accepted_under_the_typed_number(stand: Any, post: Any, act: Any, store: Any) -> None:
    key = stand("needs-people", "rekey")

    with act("worker1") as ctx:
        decide.confirm_rekeyed(ctx, key, " CL-9 ", "CL-9")
    with act("worker1") as ctx:
        decide.confirm_rekeyed(ctx, key, "CL-9", "CL-9")  # the button was pressed twice

    assert (post.row(key).state, post.row(key).reference) == ("accepted", "CL-9")
    assert outcomes(store, post) == [("accepted", "CL-9")]
    with store.read() as session:
        (event,) = post.all(session, DeliveryEventRow)
        assert event.proof == b"CL-9"
        assert [row.action for row in post.all(session, AuditRow)] == ["delivery.rekeyed"]


def test_two_different_numbers_change_nothing(stand: Any, post: Any, act: Any) -> None:
    key = stand("needs-people", "rekey")

    with pytest.raises(NumbersDiffer), act() as ctx:
        decide.confirm_rekeyed(ctx, key, "CL-9", "CL-6")

    assert post.row(key).state == "needs-people"


@pytest.mark.parametrize(("status", "state"), [("granted", "done"), ("refused", "refused")])
def test_decision_read_at_the_department_ends_the_delivery(
    stand: Any, post: Any, act: Any, store: Any, status: Any, state: str
) -> None:
    key = stand("accepted", reference="CL-9")

    with act() as ctx:
        decide.record_decision(ctx, key, status, "同意")

    assert post.row(key).state == state
    assert outcomes(store, post) == [(status, "CL-9")]
    with pytest.raises(CannotDecide), act() as ctx:
        decide.record_decision(ctx, key, "granted", "同意")


def test_unknown_that_arrived_takes_the_number_found(stand: Any, post: Any, act: Any) -> None:
    key = stand("needs-people", "outcome-unknown", in_doubt=True)

    with pytest.raises(CannotDecide), act() as ctx:
        decide.confirm_unknown(ctx, key, "arrived", " ")
    with act() as ctx:
        decide.confirm_unknown(ctx, key, "arrived", "R3")

    assert (post.row(key).state, post.row(key).reference, post.row(key).in_doubt) == ("accepted", "R3", False)


def test_unknown_that_did_not_arrive_goes_again_without_doubt(stand: Any, post: Any, act: Any) -> None:
    key = stand("needs-people", "outcome-unknown", in_doubt=True)

    with act() as ctx:
        decide.confirm_unknown(ctx, key, "not arrived")

    assert [(claimed.delivery_id, claimed.in_doubt) for claimed in post.claim()] == [(key, False)]


def test_held_delivery_waits_until_released(stand: Any, post: Any, act: Any) -> None:
    key = stand("waiting")

    with act() as ctx:
        decide.hold(ctx, key, "居民要改")
    assert post.claim() == []

    with act() as ctx:
        decide.release(ctx, key)
    assert [claimed.delivery_id for claimed in post.claim()] == [key]


@pytest.mark.parametrize("state", ["sending", "sent", "accepted", "done", "refused"])
def test_delivery_under_way_or_taken_cannot_be_held_or_sent_again(stand: Any, post: Any, act: Any, state: str) -> None:
    key = stand(state)

    for verb in (lambda ctx: decide.hold(ctx, key, "x"), lambda ctx: decide.resend(ctx, key)):
        with pytest.raises(CannotDecide), act() as ctx:
            verb(ctx)

    assert post.row(key).state == state


def test_resent_delivery_keeps_its_doubt(stand: Any, post: Any, act: Any) -> None:
    key = stand("needs-people", "broken-promise", in_doubt=True)

    with act() as ctx:
        decide.resend(ctx, key)

    assert [claimed.in_doubt for claimed in post.claim()] == [True]


def test_resend_all_takes_one_reason_of_one_hub(stand: Any, post: Any, act: Any) -> None:
    keys = [stand("needs-people", "broken-promise") for _ in range(2)]
    stand("needs-people", "rekey")
    with act("worker21") as ctx:
        assert decide.resend_all(ctx, "test_office.window") == 0
    with act("hubadmin1") as ctx:
        assert decide.resend_all(ctx, "test_office.window") == 2

    assert [claimed.delivery_id for claimed in post.claim()] == keys


def test_delivery_of_another_hub_is_not_there(stand: Any, act: Any) -> None:
    key = stand("needs-people", "rekey")

    with pytest.raises(LookupError), act("worker21") as ctx:
        decide.confirm_rekeyed(ctx, key, "CL-9", "CL-9")


def test_rekey_sheet_is_the_one_the_adapter_laid_out(stand: Any, post: Any, act: Any, store: Any) -> None:
    key = stand("needs-people", "rekey")
    sheet = '[{"label_zh": "姓名", "theirs": "测试甲"}]'.encode()
    with store.write() as session:
        event = DeliveryEventRow(delivery_id=key, at=post.row(key).created_at, state="needs-people", reason="rekey")
        event.proof = sheet
        session.add(event)

    with act() as ctx:
        assert decide.rekey_sheet(ctx, key) == [{"label_zh": "姓名", "theirs": "测试甲"}]
