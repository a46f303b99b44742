"""The SOAP machinery against the pretend integrated system, with codecs that go astray."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.social_security.integrated import codec
from adapters.transports import soap
from adapters.transports.soap import SoapCall
from adapters.transports.soap.wire import Wire
from workbench.api import BrokenPromise, NeedsCredentials, OutcomeUnknown, TryLater
from workbench.testing.samples import make_parcel

PLATFORM = "social_security.integrated"


@pytest.fixture
def department(start_department):
    return start_department(PLATFORM)


@pytest.fixture
def astray(department):
    """Give an adapter whose codec differs from the right one in these parts."""
    opened = []

    def connect(repeat="key", **parts):
        platform = department.platform.model_copy(update={"repeat": repeat})
        speaks = {name: getattr(codec, name) for name in dir(codec) if not name.startswith("__")} | parts
        opened.append(soap.make_adapter(platform, department.settings, SimpleNamespace(**speaks)))
        return opened[-1]

    yield connect
    for adapter in opened:
        adapter.close()


def test_wsdl_fetches_nothing():
    wire = Wire(None, codec.WSDL)
    assert wire.load(str(codec.WSDL)).startswith(b"<?xml")
    for url in ("http://127.0.0.1:9/other.xsd", "file:///etc/hostname", str(Path(__file__))):
        with pytest.raises(BrokenPromise):
            wire.load(url)


@pytest.mark.parametrize(
    "call",
    [
        SoapCall("submit", {"transCode": "X"}),
        SoapCall("ping", {"transCode": "X", "unknown": "1"}),
    ],
)
def test_message_that_is_not_of_the_wsdl_is_not_sent(astray, department, call):
    adapter = astray(encode=lambda parcel: call)
    with pytest.raises(BrokenPromise):
        adapter.push(make_parcel("RS-001"))
    assert department.ledger() == []


@pytest.mark.parametrize(("repeat", "error"), [("key", TryLater), ("person-decides", OutcomeUnknown)])
@pytest.mark.parametrize("fault", ["soap_fault", "fault_after_taking", "http_500", "lose_answer"])
def test_failure_inside_follows_what_the_platform_allows(astray, department, repeat, error, fault):
    adapter = astray(repeat)
    assert adapter.check().state == "up"
    department.set_faults(**{fault: True})
    with pytest.raises(error):
        adapter.push(make_parcel("RS-001"))


def test_message_of_another_wsdl_gets_a_client_fault(astray, tmp_path):
    changed = tmp_path / "changed.wsdl"
    changed.write_text(codec.WSDL.read_text("utf-8").replace('name="requestId"', 'name="requestKey"'), "utf-8")
    adapter = astray(WSDL=changed, ask_found=lambda key: SoapCall("query", {"transCode": "QUERY", "requestKey": key}))
    with pytest.raises(BrokenPromise, match="soap:Client"):
        adapter.find("01JD0000000000000000000001")


def test_missing_credential_needs_credentials(astray):
    with pytest.raises(NeedsCredentials):
        astray(credential=lambda settings, call, now: None).collect("")


def test_busy_fault_is_read_by_its_flag(astray, department):
    department.set_faults(busy_fault=True)
    with pytest.raises(TryLater, match="04"):
        astray("person-decides").push(make_parcel("RS-001"))
