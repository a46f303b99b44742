"""Books compared with a department's: what it lost, what it has all the same, and what a person makes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from told import PLATFORM, ToldAdapter

from workbench.api import Receipt, TryLater
from workbench.delivery.decide import CannotDecide
from workbench.delivery.models import DifferenceRow, OutcomeRow, PlatformRow, ReconciliationRow
from workbench.delivery.reconcile import ask, open_differences, to_ask, write
from workbench.delivery.restored import NotCompared, hold_everything, refuse_uncompared
from workbench.delivery.settle import attach, leave, send_all_anew, send_anew, set_aside, take_their_word

NOW = datetime.now(UTC)


class Books(ToldAdapter):
    """A department that holds what it is told to hold."""

    def __init__(self, held: dict[str, str]) -> None:
        super().__init__()
        self.held = held

    def find(self, key: str) -> Receipt | None:
        if key not in self.held:
            return None
        return Receipt("accepted", self.held[key], NOW, b"<theirs/>")


@pytest.fixture
def compare(act: Any) -> Callable[[Any], ReconciliationRow]:
    def comparing(adapter: Any) -> ReconciliationRow:
        with act("hubadmin1") as ctx:
            compared = ask(adapter, to_ask(ctx.session, PLATFORM, ctx.clock.now()), lambda: False)
            run = write(ctx.session, PLATFORM, compared, ctx.clock.now(), ctx.clock.now())
            ctx.session.flush()
            ctx.session.expunge(run)
            return run

    return comparing


@pytest.fixture
def delivered(post: Any) -> list[str]:
    """Six parcels a department took, an hour apart."""
    keys = [post.send()[0] for _ in range(6)]
    for number, key in enumerate(keys):
        post.change(key, state="accepted", reference=f"R{number}", accepted_at=NOW - timedelta(hours=6 - number))
    return keys


def kinds(act: Any) -> list[tuple[str, str]]:
    with act("hubadmin1") as ctx:
        return [(row.delivery_id, row.kind) for row in open_differences(ctx.session, ctx.hub.id)]


def first(act: Any) -> int:
    with act("hubadmin1") as ctx:
        return open_differences(ctx.session, ctx.hub.id)[0].id or 0


def test_books_that_agree_leave_no_work(delivered: list[str], compare: Any, act: Any) -> None:
    run = compare(Books({key: f"R{number}" for number, key in enumerate(delivered)}))

    assert (run.asked, run.same, run.missing, run.differing, run.restored_after) == (6, 6, 0, 0, None)
    assert kinds(act) == []


def test_department_that_restored_a_backup_is_found_out(delivered: list[str], compare: Any, act: Any) -> None:
    run = compare(Books({key: f"R{number}" for number, key in enumerate(delivered[:3])}))

    assert (run.missing, run.same) == (3, 3)
    assert run.restored_after == NOW - timedelta(hours=3)
    assert kinds(act) == [(key, "not-there") for key in reversed(delivered[3:])]


def test_single_loss_is_no_restored_backup(delivered: list[str], compare: Any) -> None:
    run = compare(Books({key: f"R{n}" for n, key in enumerate(delivered) if n != 2}))

    assert (run.missing, run.restored_after) == (1, None)


def test_same_difference_is_one_piece_of_work_and_goes_when_books_agree(
    delivered: list[str], compare: Any, act: Any
) -> None:
    held = {key: f"R{number}" for number, key in enumerate(delivered)}
    lacking = {key: reference for key, reference in held.items() if key != delivered[0]}
    compare(Books(lacking))
    compare(Books(lacking))
    assert kinds(act) == [(delivered[0], "not-there")]

    compare(Books(held))

    assert kinds(act) == []


def test_trouble_ends_the_asking_and_is_kept(delivered: list[str], compare: Any) -> None:
    adapter = ToldAdapter(found=TryLater("closed for the night"))

    run = compare(adapter)

    assert (run.asked, run.missing, run.trouble) == (0, 0, "closed for the night")


def test_what_is_lost_there_is_sent_again_under_its_key(
    delivered: list[str], compare: Any, act: Any, post: Any
) -> None:
    compare(Books({key: f"R{number}" for number, key in enumerate(delivered[:3])}))
    with act("hubadmin1") as ctx:
        assert send_all_anew(ctx, PLATFORM) == 3

    assert [claimed.delivery_id for claimed in post.claim()] == delivered[3:]
    row = post.row(delivered[4])
    assert (row.in_doubt, row.reference) == (True, "")
    assert kinds(act) == []


def test_settling_twice_is_harmless(delivered: list[str], compare: Any, act: Any, post: Any) -> None:
    compare(Books({key: f"R{number}" for number, key in enumerate(delivered[1:], 1)}))
    number = first(act)
    for _ in range(2):
        with act("hubadmin1") as ctx:
            send_anew(ctx, number)

    assert (post.row(delivered[0]).state, post.row(delivered[0]).fence) == ("waiting", 1)


def test_parcel_that_stopped_here_and_is_there_is_taken_with_their_number(post: Any, compare: Any, act: Any) -> None:
    (key,) = post.send()
    post.change(key, state="needs-people", reason="outcome-unknown", in_doubt=True)
    compare(Books({key: "R9"}))
    assert kinds(act) == [(key, "there")]

    with act("hubadmin1") as ctx:
        take_their_word(ctx, open_differences(ctx.session, ctx.hub.id)[0].id or 0)

    row = post.row(key)
    assert (row.state, row.reference, row.in_doubt) == ("accepted", "R9", False)


def test_other_number_is_taken_or_left_with_a_reason(delivered: list[str], compare: Any, act: Any, post: Any) -> None:
    compare(Books({key: f"R{number}" for number, key in enumerate(delivered)} | {delivered[0]: "X1"}))
    number = first(act)
    with act("hubadmin1") as ctx, pytest.raises(CannotDecide):
        leave(ctx, number, " ")
    with act("hubadmin1") as ctx:
        take_their_word(ctx, number)

    assert post.row(delivered[0]).reference == "X1"


def test_other_hub_settles_nothing_of_ours(delivered: list[str], compare: Any, act: Any) -> None:
    compare(Books({}))
    number = first(act)

    with pytest.raises(LookupError), act("worker21") as ctx:
        send_anew(ctx, number)


def stray(act: Any, **values: Any) -> int:
    known = {"platform_id": PLATFORM, "message_id": "m1", "status": "granted", "reference": "R7", "proof": b"<ok/>"}
    with act() as ctx:
        row = OutcomeRow(received_at=NOW, **(known | values))
        ctx.session.add(row)
        ctx.session.flush()
        return row.id or 0


def test_message_of_nobody_is_attached_by_hand_and_counts(post: Any, act: Any) -> None:
    (key,) = post.send()
    post.change(key, state="accepted", reference="R1")
    number = stray(act)

    for _ in range(2):
        with act("hubadmin1") as ctx:
            attach(ctx, number, " 990100001001-0001 ")

    assert post.row(key).state == "done"
    with act() as ctx:
        assert ctx.session.get_one(OutcomeRow, number).delivery_id == key


def test_message_without_proof_or_case_is_not_attached(post: Any, act: Any) -> None:
    post.send()
    number = stray(act, proof=None)
    for wrong, case_no in ((number, "990100001001-0001"), (stray(act, message_id="m2"), "990100001001-9999")):
        with act("hubadmin1") as ctx, pytest.raises(CannotDecide):
            attach(ctx, wrong, case_no)


def test_message_put_away_is_kept_and_no_longer_listed(act: Any) -> None:
    number = stray(act)
    with act("hubadmin1") as ctx, pytest.raises(CannotDecide):
        set_aside(ctx, number, "")
    with act("hubadmin1") as ctx:
        set_aside(ctx, number, "is about their own test case")

    with act() as ctx:
        assert (
            ctx.session.get_one(OutcomeRow, number).settled_by
            == ctx.session.exec(select(OutcomeRow.settled_by)).first()
        )


def test_after_a_restore_nothing_is_sent_until_books_were_compared(
    post: Any, act: Any, compare: Any, manifest: Any
) -> None:
    keys = post.send() + post.send()
    post.change(keys[0], state="sending", lease_owner="gone")
    with act("sysadmin") as ctx:
        assert hold_everything(ctx.session, ctx.clock.now()) == 2

    rows = [post.row(key) for key in keys]
    assert [(row.state, row.in_doubt) for row in rows] == [("waiting", True)] * 2
    with act("sysadmin") as ctx:
        platform = ctx.session.get_one(PlatformRow, PLATFORM)
        assert (platform.is_paused, platform.paused_why) == (True, "restored")
        with pytest.raises(NotCompared):
            refuse_uncompared(ctx.session, platform, manifest())

    compare(Books({}))

    with act("sysadmin") as ctx:
        refuse_uncompared(ctx.session, ctx.session.get_one(PlatformRow, PLATFORM), manifest())
        assert ctx.session.exec(select(DifferenceRow.id)).all() == []
