"""The card registry over the wire: tokens, lookups, card applications."""

import json
from datetime import date

import pytest

from adapters.social_security.card_registry import codec
from adapters.social_security.card_registry.sandbox import card_of, with_check_digit
from adapters.transports.rest.calls import Reply
from workbench.api import BrokenPromise, NeedsCredentials, Question, Refused, TryLater
from workbench.testing.samples import make_parcel

PLATFORM = "social_security.card_registry"
KEYS = ("social_card.active", "bank.account_no", "bank.bank_code", "person.phone")


def application(**more):
    return make_parcel("RS-011", {"nationality": "CHN", "card_bank": "ICBC", "guardian_name": "测试乙"}, **more)


def question(id_no, keys=KEYS, purpose="预填社会保障卡申领"):
    return Question("测试甲", id_no, keys, purpose, "hub01")


@pytest.fixture
def department(start_department):
    return start_department(PLATFORM)


@pytest.fixture
def adapter(department, open_adapter):
    return open_adapter(department)


def id_with(adapter, found):
    """Find a synthetic number whose person has a card, or has none."""
    numbers = (f"9901011980{n:07d}1" for n in range(200))
    return next(number for number in numbers if bool(adapter.lookup(question(number))) is found)


def test_check_finds_it_up(adapter):
    assert adapter.check().state == "up"


def test_push_twice_makes_one_ledger_line(adapter, department):
    first, second = adapter.push(application()), adapter.push(application())

    assert (first.state, second.state) == ("accepted", "duplicate")
    assert first.reference == second.reference
    assert json.loads(first.proof)["data"]["applicationNo"] == first.reference
    assert len(department.ledger()) == 1


def test_push_keeps_everything_stated(adapter, department):
    adapter.push(application())

    message = department.home.entries()[0].message
    assert message["applicant"]["gender"] == "M"
    assert message["applicant"]["certType"] == "0"
    assert message["card"] == {"nationality": "CHN", "occupation": "", "id_valid": "", "card_bank": "102"}
    assert message["form"] == {"guardian_name": "测试乙"}


def test_find_tells_what_arrived_from_what_did_not(adapter):
    receipt = adapter.push(application(key="01JD/odd key?"))

    assert adapter.find("01JD/odd key?").reference == receipt.reference
    assert adapter.find("01JD0000000000000000000009") is None


@pytest.mark.parametrize(("kind", "body"), [("text/html", b"404"), ("application/json", b'{"code":"E0404"}')])
def test_find_at_a_wrong_address_is_not_a_no(kind, body):
    with pytest.raises(BrokenPromise):
        codec.decode_found(Reply(404, {"content-type": kind}, body))


def test_collect_brings_each_change_once_per_cursor(adapter):
    receipt = adapter.push(application())

    batch = adapter.collect("")

    assert [(o.reference, o.status, o.raw_status) for o in batch.outcomes] == [(receipt.reference, "granted", "ISSUED")]
    assert adapter.collect("") == batch
    assert adapter.collect(batch.cursor).outcomes == ()


def test_collect_says_when_more_wait(adapter, monkeypatch):
    monkeypatch.setattr(codec, "PAGE", 2)
    for number in range(3):
        adapter.push(application(key=f"01JD000000000000000000000{number}"))

    first = adapter.collect("")
    second = adapter.collect(first.cursor)

    assert (len(first.outcomes), first.more) == (2, True)
    assert (len(second.outcomes), second.more) == (1, False)


def test_collect_brings_a_correction_with_our_field(adapter, department):
    department.set_faults(correction=["HUB01-20261122-000001"])
    adapter.push(application())
    [outcome] = adapter.collect("").outcomes
    assert (outcome.status, outcome.field) == ("correction", "phone")


def test_lookup_gives_what_was_asked_with_its_day(adapter):
    id_no = id_with(adapter, True)

    answers = adapter.lookup(question(id_no))

    assert [answer.key for answer in answers] == list(KEYS)
    assert all(isinstance(answer.as_of, date) for answer in answers)
    assert adapter.lookup(question(id_no)) == answers
    account = next(answer.value for answer in answers if answer.key == "bank.account_no")
    assert account == with_check_digit(account[:-1])
    assert {"ICBC", "ABC", "BOC", "CCB", "BCOM", "PSBC"} >= {answers[2].value}
    assert answers[2].raw.isdigit()


def test_lookup_of_one_key_gives_no_other(adapter):
    [answer] = adapter.lookup(question(id_with(adapter, True), ("person.phone", "person.dead")))
    assert answer.key == "person.phone"
    assert answer.value.startswith("1990000")


def test_lookup_of_a_person_without_a_card_gives_nothing(adapter):
    assert adapter.lookup(question(id_with(adapter, False))) == ()


def test_lookup_without_a_purpose_is_refused(adapter):
    with pytest.raises(Refused):
        adapter.lookup(question("990101195003071239", purpose=""))


def test_lookup_reads_the_odd_spelling_of_days(adapter, department):
    id_no = id_with(adapter, True)
    plain = adapter.lookup(question(id_no))
    department.set_faults(odd_dates=True)
    assert [a.as_of for a in adapter.lookup(question(id_no))] == [a.as_of for a in plain]


def test_lookup_keeps_its_time_limit(department, open_adapter):
    adapter = open_adapter(department, limits={"lookup_seconds": 0.2})
    adapter.check()
    department.set_faults(slow_ms=1500)
    with pytest.raises(TryLater):
        adapter.lookup(question("990101195003071239"))


def test_most_residents_have_a_card_and_some_have_none():
    cards = [card_of(f"{number:018d}")[1] for number in range(400)]
    without = sum(not card for card in cards)
    assert 40 < without < 140


def test_token_made_useless_is_renewed_once_within_the_call(adapter, department):
    adapter.check()
    department.set_faults(rotate_secret="second")
    assert adapter.push(application()).state == "accepted"
    assert len(department.ledger()) == 1


def test_expired_client_secret_needs_credentials(adapter, department):
    adapter.check()
    department.set_faults(expired_credentials=True)
    with pytest.raises(NeedsCredentials):
        adapter.push(application())
    assert department.ledger() == []


def test_wrong_client_secret_needs_credentials(department, open_adapter):
    with pytest.raises(NeedsCredentials):
        open_adapter(department, client_secret="wrong").push(application())


@pytest.mark.parametrize("fault", ["error_in_200", "month_end"])
def test_closed_inside_200_is_not_a_success(adapter, department, fault):
    department.set_faults(**{fault: True})
    with pytest.raises(TryLater):
        adapter.push(application())
    assert department.ledger() == []


def test_refusals_carry_their_words_and_our_field(adapter, department):
    with pytest.raises(Refused) as placeholder:
        adapter.push(make_parcel("RS-011", {"phone": "1"}))
    department.set_faults(has_card=True)
    with pytest.raises(Refused) as holder:
        adapter.push(application())

    assert (placeholder.value.field, placeholder.value.code) == ("phone", "E1001")
    assert (holder.value.code, holder.value.text) == ("E1002", "已持有有效社会保障卡，请办理补换卡")


@pytest.mark.parametrize(
    "content",
    [{}, {"code": 0, "data": {}}, {"code": "0"}, {"code": "0", "data": {"applicationNo": ""}}, {"code": "E9999"}],
)
def test_answer_without_a_number_is_a_broken_promise(content):
    reply = Reply(200, {"content-type": "application/json"}, json.dumps(content).encode())
    with pytest.raises(BrokenPromise):
        codec.decode_receipt(reply)


@pytest.mark.parametrize("text", ["2026-13-1", "05/01/2026", "3.20525E+17"])
def test_day_that_is_none_is_a_broken_promise(text):
    with pytest.raises(BrokenPromise):
        codec.read_day(text)
