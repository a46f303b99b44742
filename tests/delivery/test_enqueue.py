"""What was accepted stands in its lane, frozen, with a key for life."""

from typing import Any

import pytest

from workbench.delivery.enqueue import digest_of
from workbench.delivery.lease import Claimed
from workbench.delivery.models import PayloadRow


def test_lane_numbers_follow_each_other_within_a_case(post: Any) -> None:
    first, second = post.send(2, case_id="C1")
    (third,) = post.send(1, case_id="C1", operation="opinion", extra={"opinion": "同意"})
    (other,) = post.send(1, case_id="C2")

    assert [post.row(key).position for key in (first, second, third, other)] == [1, 2, 3, 1]


def test_lane_is_the_person_where_the_platform_minds_persons(post: Any) -> None:
    keys = post.send(2, order="person", person_id="P7")

    assert [post.row(key).lane for key in keys] == ["test_office.window:P7"] * 2


def test_lane_is_the_parcel_alone_without_order(post: Any) -> None:
    keys = post.send(2, case_id="C1", order="none")

    assert [claimed.delivery_id for claimed in post.claim()] == keys


def test_parcel_holds_the_form_what_the_operation_adds_and_its_files(post: Any, act: Any) -> None:
    with act() as ctx:
        digest = ctx.files.put(b"scan")
    file = {"digest": digest, "name": "身份证.jpg", "media_type": "image/jpeg", "size": 4, "material": "id_card"}
    content = {"values": {"name": "测试甲"}, "files": [file], "decide": "after_opinion"}
    (key,) = post.send(content=content, extra={"opinion": "同意"})

    (claimed,) = post.claim()

    parcel = claimed.parcel
    assert parcel.key == key
    assert parcel.values == {"name": "测试甲", "opinion": "同意", "_decide": "after_opinion"}
    assert [(one.name, one.material, one.read()) for one in parcel.files] == [("身份证.jpg", "id_card", b"scan")]


def test_payload_changed_after_accept_is_not_sent(post: Any, store: Any) -> None:
    post.send()
    with store.write() as session:
        payload = post.all(session, PayloadRow)[0]
        assert payload.digest == digest_of(payload.content)
        payload.content = {"values": {"name": "别人"}}

    (claimed,) = post.claim()

    assert isinstance(claimed, Claimed)
    assert claimed.parcel is None
    assert claimed.problem == "the stored form is not the one that was accepted"


@pytest.mark.parametrize("nonsense", ["010161", "", "0001"])
def test_payload_that_cannot_be_unsealed_holds_up_no_other(post: Any, store: Any, nonsense: str) -> None:
    broken, sound = post.send(), post.send()
    damaged = f"x'{nonsense}'" if store.is_sqlite else f"'\\x{nonsense}'"
    of_broken = f"(SELECT payload_id FROM delivery WHERE id = '{broken[0]}')"
    with store.write() as session:
        session.connection().exec_driver_sql(f"UPDATE payload SET content = {damaged} WHERE id = {of_broken}")

    claimed = {one.delivery_id: one for one in post.claim()}

    assert claimed[broken[0]].parcel is None
    assert claimed[sound[0]].parcel is not None


def test_payload_without_values_is_a_problem_of_its_own(post: Any) -> None:
    broken, sound = post.send(content={"form": {}}), post.send()

    problems = {one.delivery_id: one.problem for one in post.claim()}

    assert problems == {broken[0]: "the stored form is incomplete: KeyError", sound[0]: ""}
