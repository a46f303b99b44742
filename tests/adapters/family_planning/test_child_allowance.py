"""The child allowance system over the wire: tickets, late decisions, call-backs."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from waiting import wait_for

from adapters.family_planning.child_allowance import codec
from adapters.family_planning.child_allowance.signing import seal
from adapters.transports.rest.calls import Reply
from workbench.api import BrokenPromise, NeedsCredentials, Refused, TryLater
from workbench.testing.samples import make_parcel

PLATFORM = "family_planning.child_allowance"
KEY = "01JD0000000000000000000001"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def claim(values=None, **more):
    child = {
        "child_name": "测试小甲",
        "child_id_type": "111",
        "child_id_no": "990101202509010018",
        "child_birth_date": "2025-09-01",
        "child_sex": "1",
        "birth_order": 2,
        "relation": "10",
        "account_no": "9900000000000000001",
    }
    return make_parcel("WJ-010", child | (values or {}), **more)


@pytest.fixture
def department(start_department):
    return start_department(PLATFORM)


@pytest.fixture
def adapter(department, open_adapter):
    return open_adapter(department)


class Listener:
    """A real address that call-backs go to; keeps what came and answers what it is told."""

    def __init__(self):
        self.came, self.status = [], 204
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.came.append((dict(self.headers), body))
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def wait_for(self, count):
        wait_for(lambda: len(self.came) >= count, show=lambda: self.came)
        return self.came

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


def test_check_finds_it_up(adapter):
    assert adapter.check().state == "up"


def test_push_is_queued_with_a_ticket_and_no_number_yet(adapter, department):
    receipt = adapter.push(claim())

    assert (receipt.state, receipt.reference) == ("queued", "")
    assert json.loads(receipt.proof)["ticket"].startswith("T")
    assert len(department.ledger()) == 1


def test_push_twice_makes_one_ledger_line(adapter, department):
    first, second = adapter.push(claim()), adapter.push(claim())
    [line] = department.ledger()
    assert (second.state, second.reference) == ("duplicate", line["reference"])
    assert json.loads(second.proof)["ticket"] == json.loads(first.proof)["ticket"]


def test_push_keeps_everything_stated(adapter, department):
    adapter.push(claim({"usual_carer": "测试乙", "name": "测试𬱟"}))

    message = department.home.entries()[0].message
    assert message["claimant"]["name"] == "测试𬱟"
    assert message["claimant"]["sex"] == "male"
    assert message["child"]["certType"] == "SFZ"
    assert message["child"]["birthOrder"] == "2"
    assert message["payee"] == {"account_no": "9900000000000000001"}
    assert message["form"] == {"usual_carer": "测试乙"}


def test_find_gives_the_number_of_the_claim(adapter, department):
    adapter.push(claim())
    assert adapter.find(KEY).reference == department.ledger()[0]["reference"]
    assert adapter.find("01JD0000000000000000000009") is None


def test_collect_brings_the_number_and_later_the_decision(start_department, open_adapter):
    department = start_department(PLATFORM, decides_after=3600)
    adapter = open_adapter(department)
    adapter.push(claim())
    first = adapter.collect("")
    department.home.decide(KEY, "granted")
    second = adapter.collect(first.cursor)

    number = department.ledger()[0]["reference"]
    assert [(o.key, o.reference, o.status) for o in first.outcomes] == [(KEY, number, "accepted")]
    assert [(o.key, o.reference, o.status) for o in second.outcomes] == [(KEY, number, "granted")]
    assert adapter.collect(first.cursor) == second


def test_collect_brings_a_correction_with_our_field(adapter, department):
    department.set_faults(correction=["HUB01-20261122-000001"])
    adapter.push(claim())
    *_, outcome = adapter.collect("").outcomes  # that it was taken may have been noted before
    assert (outcome.status, outcome.field) == ("correction", "birth_cert_no")


def test_result_that_never_comes_back_stays_unknown(adapter, department):
    department.set_faults(one_way=True)
    adapter.push(claim())
    assert adapter.collect("").outcomes == ()
    assert adapter.find(KEY) is not None


def test_child_too_old_is_refused_with_our_field(adapter, department):
    with pytest.raises(Refused) as refused:
        adapter.push(claim({"child_birth_date": "2019-01-01"}))
    assert (refused.value.code, refused.value.field) == ("C4002", "child_birth_date")
    assert department.ledger() == []


def test_busy_inside_200_is_not_a_success(adapter, department):
    department.set_faults(error_in_200=True)
    with pytest.raises(TryLater):
        adapter.push(claim())
    assert department.ledger() == []


@pytest.mark.parametrize("faults", [{"expired_credentials": True}, {"clock_skew_seconds": 900}])
def test_signature_refused_needs_credentials(adapter, department, faults):
    department.set_faults(**faults)
    with pytest.raises(NeedsCredentials):
        adapter.push(claim())


def test_wrong_secret_needs_credentials(department, open_adapter):
    with pytest.raises(NeedsCredentials):
        open_adapter(department, app_secret="wrong").collect("")


def test_callback_says_what_collect_says(department, open_adapter, listener):
    adapter = open_adapter(department, callback_url=listener.url)
    adapter.push(claim())

    [headers, body], *_ = listener.wait_for(1)
    called = codec.verify_callback(headers, body, department.settings["callback_secret"], datetime.now(UTC))

    assert called
    assert set(called) <= set(adapter.collect("").outcomes)


def test_callback_not_taken_comes_again_with_the_same_id(department, open_adapter, listener):
    listener.status = 500
    open_adapter(department, callback_url=listener.url).push(claim())
    [headers, body], *_ = listener.wait_for(1)

    def came_again():
        return [text for others, text in listener.came[1:] if others["X-Message-Id"] == headers["X-Message-Id"]]

    assert wait_for(came_again)[0] == body


def test_callback_continues_after_a_kill(department, open_adapter, listener):
    department.set_faults(no_callback=True)
    open_adapter(department, callback_url=listener.url).push(claim())
    department.kill()
    department.set_faults()
    department.start()
    listener.wait_for(1)


@pytest.mark.parametrize("fault", ["forged_callback", "stale_callback"])
def test_false_callback_is_a_broken_promise(department, open_adapter, listener, fault):
    department.set_faults(**{fault: True})
    open_adapter(department, callback_url=listener.url).push(claim())
    [headers, body], *_ = listener.wait_for(1)
    with pytest.raises(BrokenPromise):
        codec.verify_callback(headers, body, department.settings["callback_secret"], datetime.now(UTC))


def signed(body, *, message_id="m1", secret="s", at=NOW):
    stamp = str(round(at.timestamp() * 1000))
    return {"X-Message-Id": message_id, "X-Timestamp": stamp, "X-Signature": seal(secret, message_id, stamp, body)}


def callback(message_id="m1", **more):
    change = {"seq": 3, "requestId": KEY, "claimNo": "YE1", "state": "APPROVED"} | more
    return json.dumps({"messageId": message_id, "changes": [change]}).encode()


def test_callback_is_read_whatever_the_case_of_its_headers():
    headers = {name.upper(): value for name, value in signed(callback()).items()}
    [outcome] = codec.verify_callback(headers, callback(), "s", NOW)
    assert (outcome.key, outcome.status, outcome.message_id) == (KEY, "granted", "seq3")


@pytest.mark.parametrize(
    ("headers", "body", "secret", "now"),
    [
        ({}, callback(), "s", NOW),
        (signed(callback()), callback() + b" ", "s", NOW),
        (signed(callback()), callback(), "", NOW),
        (signed(callback(), secret=""), callback(), "", NOW),
        (signed(callback()) | {"X-Signature": "非"}, callback(), "s", NOW),
        (signed(callback()), callback(), "s", NOW + timedelta(minutes=6)),
        (signed(callback()), callback(), "s", NOW - timedelta(minutes=6)),
        (signed(callback("m2")), callback("m2"), "s", NOW),
        (signed(b"[]"), b"[]", "s", NOW),
        (signed(callback(state="PAID")), callback(state="PAID"), "s", NOW),
    ],
)
def test_callback_that_is_not_right_is_a_broken_promise(headers, body, secret, now):
    with pytest.raises(BrokenPromise):
        codec.verify_callback(headers, body, secret, now)


@pytest.mark.parametrize("content", [{"ticket": ""}, {}, {"error": {"code": "X1"}}])
def test_answer_without_a_ticket_is_a_broken_promise(content):
    reply = Reply(202, {"content-type": "application/json"}, json.dumps(content).encode())
    with pytest.raises(BrokenPromise):
        codec.decode_receipt(reply)


def test_ticket_without_202_is_a_broken_promise():
    reply = Reply(200, {"content-type": "application/json"}, b'{"ticket": "T1"}')
    with pytest.raises(BrokenPromise):
        codec.decode_receipt(reply)
