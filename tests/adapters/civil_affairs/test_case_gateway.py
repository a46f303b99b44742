"""The case gateway over the wire: lent secrets, two answer shapes, opinions of another department."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from waiting import wait_for

from adapters.civil_affairs.case_gateway import codec
from adapters.civil_affairs.case_gateway.signing import GatewaySigning, open_secret
from adapters.transports.rest.calls import Reply
from workbench.api import BrokenPromise, NeedsCredentials, NeedsSettings, Outcome, Refused, TryLater
from workbench.testing.samples import make_parcel

PLATFORM = "civil_affairs.case_gateway"


def application(**more):
    return make_parcel("MZ-010", {"disability_card_no": "99010119500307123941", "_decide": "auto"}, **more)


def opinion(word, **more):
    values = {"opinion": word, "opinion_text": "残疾信息审核意见"}
    return make_parcel("MZ-010", values, key="01JD0000000000000000000002", operation="opinion", **more)


@pytest.fixture
def department(start_department):
    return start_department(PLATFORM)


@pytest.fixture
def adapter(department, open_adapter):
    return open_adapter(department)


def test_check_finds_it_up(adapter):
    assert adapter.check().state == "up"


def test_push_gives_their_number_and_the_answer_as_proof(adapter, department):
    before = datetime.now(UTC).replace(microsecond=0)
    receipt = adapter.push(application())

    assert receipt.state == "accepted"
    assert receipt.reference.startswith("MZ")
    assert json.loads(receipt.proof)["biz_data"]["rows"][0]["YWLSH"] == receipt.reference
    assert before <= receipt.at <= datetime.now(UTC)
    assert [line["reference"] for line in department.ledger()] == [receipt.reference]


def test_push_twice_makes_one_ledger_line(adapter, department):
    first, second = adapter.push(application()), adapter.push(application())

    assert (second.state, second.reference) == ("duplicate", first.reference)
    assert len(department.ledger()) == 1


def test_push_keeps_everything_stated_and_rare_characters(adapter, department):
    adapter.push(make_parcel("MZ-001", {"name": "测试𬱟", "income_month": 120000, "assets": [{"kind": "车"}]}))

    message = department.home.entries()[0].message
    assert message["SQR"]["XM"] == "测试𬱟"
    assert message["SQR"]["XB"] == "男"
    assert message["SQR"]["CSRQ"] == "19500307"
    assert message["BD"] == {"income_month": 120000, "assets": [{"kind": "车"}]}


def test_find_tells_what_arrived_from_what_did_not(adapter):
    receipt = adapter.push(application())

    assert adapter.find("01JD0000000000000000000001").reference == receipt.reference
    assert adapter.find("01JD0000000000000000000009") is None


def test_collect_brings_the_decision_and_then_nothing(adapter):
    receipt = adapter.push(application())

    batch = adapter.collect("")

    assert [(o.key, o.reference, o.status) for o in batch.outcomes] == [
        ("01JD0000000000000000000001", receipt.reference, "granted")
    ]
    assert adapter.collect("").outcomes == batch.outcomes
    assert adapter.collect(batch.cursor).outcomes == ()
    assert adapter.collect(batch.cursor).cursor == batch.cursor


def test_collect_brings_a_correction_with_our_field(adapter, department):
    department.set_faults(correction=["HUB01-20261122-000001"])
    adapter.push(application())

    [outcome] = adapter.collect("").outcomes

    assert (outcome.status, outcome.field, outcome.raw_status) == ("correction", "phone", "03")


@pytest.mark.parametrize(("word", "status"), [("agree", "granted"), ("disagree", "refused")])
def test_application_waits_for_the_opinion(adapter, department, word, status):
    waiting = make_parcel("MZ-010", {"_decide": "after_opinion"})
    adapter.push(waiting)
    before = adapter.collect("")

    adapter.push(opinion(word))
    after = adapter.collect(before.cursor)

    assert [o.status for o in before.outcomes] == ["accepted"]
    assert [(o.key[-1], o.status) for o in after.outcomes] == [("1", status), ("2", "accepted")]
    assert [line["operation"] for line in department.ledger()] == ["apply", "opinion"]


def test_correction_supplements_the_application_and_both_are_decided(adapter, department):
    first = make_parcel("MZ-001")
    department.set_faults(correction=[first.case_no])
    adapter.push(first)
    before = adapter.collect("")
    department.set_faults()
    supplied = replace(first, key=first.key[:-1] + "9", operation="supply")

    adapter.push(supplied)
    statuses = {}
    for _ in range(3):  # what was decided together shows at the next looks
        after = adapter.collect(before.cursor)
        statuses |= {outcome.key: outcome.status for outcome in after.outcomes}

    assert before.outcomes[-1].status == "correction"
    assert statuses == {first.key: "granted", supplied.key: "granted"}
    assert [line["operation"] for line in department.ledger()] == ["apply", "supply"]


def test_correction_of_nothing_they_have_waits(adapter, department):
    with pytest.raises(TryLater):
        adapter.push(make_parcel("MZ-001", operation="supply"))
    assert department.ledger() == []


def test_opinion_before_its_application_waits(adapter, department):
    with pytest.raises(TryLater):
        adapter.push(opinion("agree"))
    assert department.ledger() == []


def test_opinion_that_is_neither_yes_nor_no_is_refused(adapter):
    with pytest.raises(Refused) as refused:
        adapter.push(opinion("perhaps"))
    assert refused.value.field == "opinion"


def test_placeholder_is_refused_with_our_field(adapter, department):
    with pytest.raises(Refused) as refused:
        adapter.push(make_parcel("MZ-001", {"id_no": "1"}))
    assert (refused.value.field, refused.value.code) == ("id_no", "2")
    assert department.ledger() == []


def test_code_they_lack_is_refused_before_sending(adapter, department):
    with pytest.raises(Refused):
        adapter.push(make_parcel("MZ-001", {"id_type": "777"}))
    assert department.ledger() == []


def test_secret_made_useless_is_renewed_once_within_the_call(adapter, department):
    adapter.check()
    department.set_faults(rotate_secret="second")

    assert adapter.push(application()).state == "accepted"
    assert len(department.ledger()) == 1


def test_signature_refused_for_good_needs_credentials(adapter, department):
    department.set_faults(expired_credentials=True)
    with pytest.raises(NeedsCredentials):
        adapter.push(application())
    assert adapter.check().state == "down"


def test_clock_that_is_off_is_refused(adapter, department):
    department.set_faults(clock_skew_seconds=900)
    with pytest.raises(NeedsCredentials, match="时钟"):
        adapter.push(application())


@pytest.mark.parametrize(
    ("key", "error"), [("short", NeedsSettings), ("0123456789abcdef", NeedsCredentials), ("", NeedsSettings)]
)
def test_wrong_application_key_is_told_apart(department, open_adapter, key, error):
    with pytest.raises(error):
        open_adapter(department, app_key=key).push(application())


def test_busy_inside_200_is_not_a_success(adapter, department):
    department.set_faults(error_in_200=True)
    with pytest.raises(TryLater):
        adapter.push(application())
    assert department.ledger() == []


def test_success_without_a_number_is_a_broken_promise(adapter, department):
    department.set_faults(no_number=True)
    with pytest.raises(BrokenPromise):
        adapter.push(application())


def test_books_survive_a_kill(department, open_adapter):
    receipt = open_adapter(department).push(application())
    department.kill()
    department.start()

    adapter = open_adapter(department)

    assert adapter.find("01JD0000000000000000000001").reference == receipt.reference
    assert adapter.push(application()).state == "duplicate"


@pytest.mark.parametrize("code", [1, "200", None, ["1"]])
def test_code_that_is_not_of_the_protocol_is_a_broken_promise(code):
    body = json.dumps({"code": code, "biz_data": {"rows": [{"YWLSH": "X1"}]}}).encode()
    with pytest.raises(BrokenPromise):
        codec.decode_receipt(Reply(200, {"content-type": "application/json"}, body))


def test_state_never_agreed_is_a_broken_promise():
    rows = [{"XH": "1", "YWBJH": "K", "YWLSH": "R", "BLZT": "88"}]
    body = json.dumps({"code": "1", "biz_data": {"rows": rows}}).encode()
    with pytest.raises(BrokenPromise):
        codec.decode_outcomes(Reply(200, {"content-type": "application/json"}, body))


def test_signature_is_the_known_one():
    settings = {"app_id": "HUB01", "service_id": "SVC900", "app_key": "0123456789abcdef"}
    call = GatewaySigning().sign(codec.ask_health(), settings, "secret", datetime.fromtimestamp(1795312345.678, UTC))
    assert call.headers["gjgxjhpt_rtime"] == "1795312345678"
    assert call.headers["gjgxjhpt_sign"] == "dJAV3ulfNVvILqO1E78qnwb7V+9UaRlGTp4dVa9UTvY="


def test_lent_secret_with_a_wrong_key_is_not_opened():
    with pytest.raises(NeedsCredentials):
        open_secret("not base64!", "0123456789abcdef")


def test_outcome_is_the_same_however_often_it_is_read():
    reply_row = {"XH": "7", "YWBJH": "K", "YWLSH": "R", "BLZT": "04", "BLYJ": "准予", "BLSJ": "20261122093000"}
    body = json.dumps({"code": "1", "biz_data": {"rows": [reply_row]}}).encode()
    [outcome] = codec.decode_outcomes(Reply(200, {"content-type": "application/json"}, body))
    assert outcome == Outcome(
        key="K",
        reference="R",
        status="granted",
        at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
        text="准予",
        raw_status="04",
        proof=outcome.proof,
        message_id="XH7",
    )


def test_slow_gateway_is_degraded(department, open_adapter):
    department.set_faults(slow_ms=500)
    adapter = open_adapter(department, limits={"timeout_seconds": 0.99})
    wait_for(lambda: adapter.check().state == "degraded")  # not at once where the machine is slower still
    assert open_adapter(department).check().state == "up"
