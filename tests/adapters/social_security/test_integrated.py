"""The integrated social security system over the wire: envelopes, error flags, faults, attachments."""

import hashlib
from datetime import UTC, datetime

import httpx2
import pytest
from waiting import PATIENCE

from adapters.social_security.integrated import codec
from adapters.transports.soap import SoapReply
from workbench.api import BrokenPromise, File, NeedsCredentials, Refused, TryLater
from workbench.testing.samples import make_parcel

PLATFORM = "social_security.integrated"
KEY = "01JD0000000000000000000001"
PATIENTLY = {"trust_env": False, "timeout": PATIENCE}


def application(values=None, **more):
    return make_parcel("RS-001", {"unemployment_date": "2026-10-01"} | (values or {}), **more)


def file_of(content, read=None, **more):
    digest = hashlib.sha256(content).hexdigest()
    fields = {"material": "id_card", "read": read or (lambda: content)} | more
    return File(digest, "身份证.jpg", "image/jpeg", len(content), **fields)


@pytest.fixture
def department(start_department):
    return start_department(PLATFORM)


@pytest.fixture
def adapter(department, open_adapter):
    return open_adapter(department)


def test_check_finds_it_up(adapter):
    assert adapter.check().state == "up"


def test_wsdl_of_the_department_is_the_one_kept_here(department):
    answer = httpx2.get(department.settings["base_url"] + "/services/CaseExchange?wsdl", **PATIENTLY)
    assert answer.content == codec.WSDL.read_bytes()


def test_push_gives_their_number_and_the_envelope_as_proof(adapter, department):
    before = datetime.now(UTC).replace(microsecond=0)
    receipt = adapter.push(application())

    assert receipt.state == "accepted"
    assert receipt.reference.encode() in receipt.proof
    assert receipt.proof.startswith(b"<?xml")
    assert before <= receipt.at <= datetime.now(UTC)
    assert [line["reference"] for line in department.ledger()] == [receipt.reference]


def test_push_twice_makes_one_ledger_line(adapter, department):
    first, second = adapter.push(application()), adapter.push(application())
    assert (second.state, second.reference) == ("duplicate", first.reference)
    assert len(department.ledger()) == 1


def test_push_keeps_everything_stated_and_rare_characters(adapter, department):
    adapter.push(application({"name": "测试𬱟", "job_intent": [{"post": "保洁<1>", "pay": 3000}], "skills": None}))

    xml = department.home.entries()[0].message["xml"]
    assert "测试𬱟" in xml
    assert 'key="post"' in xml
    assert "保洁&lt;1&gt;" in xml
    assert "<" in xml and "201</" in xml  # their code of a resident ID card


def test_push_carries_the_bytes_of_files(adapter, department):
    adapter.push(application(files=(file_of(b"picture"),)))
    assert "cGljdHVyZQ==" in department.home.entries()[0].message["xml"]


def test_file_without_bytes_is_noticed_by_the_department(adapter, department):
    bare = File("0" * 64, "身份证.jpg", "image/jpeg", 10)
    with pytest.raises(Refused, match="附件缺失"):
        adapter.push(application(files=(bare,)))
    assert department.ledger() == []


def test_file_that_changed_is_not_sent(adapter, department):
    with pytest.raises(BrokenPromise):
        adapter.push(application(files=(file_of(b"picture", read=lambda: b"another"),)))
    assert department.ledger() == []


def test_file_that_is_gone_is_not_left_out(adapter):
    def gone():
        raise FileNotFoundError

    with pytest.raises(BrokenPromise):
        adapter.push(application(files=(file_of(b"picture", read=gone),)))


@pytest.mark.parametrize(
    "values", [{"phone": "1990000\x000001"}, {"skills": "焊\x0b工"}, {"job_intent": [{"job": "\x1f"}]}]
)
def test_character_that_xml_cannot_hold_is_refused_with_its_field(values):
    with pytest.raises(Refused) as refused:
        codec.encode(application(values))
    assert refused.value.field in ("phone", "skills", "job")


def test_files_too_big_are_refused_before_sending():
    huge = File("0" * 64, "大.pdf", "application/pdf", codec.MAX_ATTACHED + 1)
    with pytest.raises(Refused):
        codec.encode(application(files=(huge,)))


def test_find_tells_what_arrived_from_what_did_not(adapter):
    receipt = adapter.push(application())
    assert adapter.find(KEY).reference == receipt.reference
    assert adapter.find("01JD0000000000000000000009") is None


def test_collect_brings_the_decision_and_then_nothing(adapter):
    receipt = adapter.push(application())

    batch = adapter.collect("")

    assert [(o.key, o.reference, o.status) for o in batch.outcomes] == [(KEY, receipt.reference, "granted")]
    assert adapter.collect("") == batch
    assert adapter.collect(batch.cursor).outcomes == ()
    assert adapter.collect(batch.cursor).cursor == batch.cursor


def test_collect_says_when_more_wait(adapter, monkeypatch):
    monkeypatch.setattr(codec, "PAGE", 2)
    for number in range(3):
        adapter.push(application(key=f"01JD000000000000000000000{number}"))
    first = adapter.collect("")
    second = adapter.collect(first.cursor)
    assert [(len(batch.outcomes), batch.more) for batch in (first, second)] == [(2, True), (1, False)]


def test_collect_brings_a_correction_with_our_field(adapter, department):
    department.set_faults(correction=["HUB01-20261122-000001"])
    adapter.push(application())
    [outcome] = adapter.collect("").outcomes
    assert (outcome.status, outcome.field, outcome.text) == ("correction", "phone", "联系电话无法接通")


def test_placeholder_is_refused_with_our_field(adapter, department):
    with pytest.raises(Refused) as refused:
        adapter.push(application({"id_no": "1"}))
    assert (refused.value.field, refused.value.code) == ("id_no", "02")
    assert department.ledger() == []


@pytest.mark.parametrize("faults", [{"expired_credentials": True}, {"clock_skew_seconds": 900}])
def test_sign_on_refused_needs_credentials(adapter, department, faults):
    department.set_faults(**faults)
    with pytest.raises(NeedsCredentials):
        adapter.push(application())
    assert department.ledger() == []


def test_wrong_password_needs_credentials(department, open_adapter):
    with pytest.raises(NeedsCredentials):
        open_adapter(department, password="wrong").collect("")


@pytest.mark.parametrize("fault", ["error_in_200", "soap_fault", "busy_fault"])
def test_busy_or_failed_inside_is_tried_later(adapter, department, fault):
    department.set_faults(**{fault: True})
    with pytest.raises(TryLater):
        adapter.push(application())
    assert department.ledger() == []


def test_fault_after_taking_is_found_instead_of_sent_blindly(adapter, department):
    department.set_faults(fault_after_taking=True)
    with pytest.raises(TryLater):
        adapter.push(application())
    department.set_faults()
    assert adapter.find(KEY).reference == department.ledger()[0]["reference"]


@pytest.mark.parametrize("fault", ["entities", "off_schema"])
def test_answer_that_is_not_of_the_wsdl_is_a_broken_promise(adapter, department, fault):
    department.set_faults(**{fault: True})
    with pytest.raises(BrokenPromise):
        adapter.collect("")


def test_answer_in_gbk_is_read(adapter, department):
    department.set_faults(gbk=True)
    adapter.push(application())
    [outcome] = adapter.collect("").outcomes
    assert outcome.text == "审核通过"


def test_message_that_is_not_of_the_wsdl_gets_a_fault_in_chinese(department):
    answer = httpx2.post(department.settings["base_url"] + "/services/CaseExchange", content=b"<x/>", **PATIENTLY)
    assert answer.status_code == 500
    assert "报文不符合" in answer.text


def test_wsdl_is_read_only_once_per_adapter(adapter, department):
    adapter.check()
    department.set_faults(counts_calls=True)
    for _ in range(20):
        adapter.check()
    assert len((department.home.folder / "calls").read_bytes()) == 20


@pytest.mark.parametrize(
    "values", [{}, {"errorFlag": None}, {"errorFlag": "99"}, {"errorFlag": "00"}, {"errorFlag": "00", "serialNo": ""}]
)
def test_answer_without_a_number_is_a_broken_promise(values):
    with pytest.raises(BrokenPromise):
        codec.decode_receipt(SoapReply(values, b""))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("字", "text"),
        (3, "number"),
        (True, "bool"),
        (None, "empty"),
        ([{"a": 1}], "table"),
        (["a"], "list"),
        ({}, "object"),
    ],
)
def test_every_kind_of_value_has_an_entry(value, kind):
    assert codec.entry_of("k", value)["kind"] == kind
