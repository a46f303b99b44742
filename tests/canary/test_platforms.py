"""An invented resident sent through every platform's adapter, with faults on, leaves no trace but in the message."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from canaries import ACCOUNT, ADDRESS, ID_NO, NAME, PHONE, found_in, listening
from product import eventually
from waiting import PATIENCE

from workbench.api import AdapterError, Question
from workbench.host.discover import Platform, discover
from workbench.settings import Settings
from workbench.testing.adapter_under_test import AdapterUnderTest
from workbench.testing.department import DECIDES_AFTER
from workbench.testing.departments import Child, departments, start
from workbench.web import logs

pytestmark = pytest.mark.only_sqlite

VALUES: dict[str, object] = {
    "name": NAME, "id_no": ID_NO, "phone": PHONE, "hukou_address": ADDRESS, "residence_address": ADDRESS,
    "account_no": ACCOUNT, "payee": NAME,
}  # fmt: skip
#: What can go wrong at once; waiting is tried elsewhere and says nothing else.
AT_ONCE = (
    "down", "http_500", "garbage", "wrong_shape", "sign_in_page", "redirect", "lose_answer", "http_500_after_taking",
    "server_page", "gb18030", "error_in_200", "unknown_code", "soap_fault", "no_number", "wrong_type", "disk_full",
    "expired_credentials", "canned_success",
)  # fmt: skip
#: Declared platforms share one adapter for each way: these show that nothing a department declares changes it.
SHARED = ("http_500", "garbage", "lose_answer", "error_in_200")
PLATFORMS = {platform.id: platform for platform in discover().platforms if platform.state == "ready"}


class Office:
    """A running department, as an adapter under test wants it."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.settings = child.settings() or {}

    def set_faults(self, **faults: Any) -> None:
        partial = self.child.folder / "faults.part"
        partial.write_text(json.dumps(faults), "utf-8")
        partial.replace(self.child.folder / "faults.json")

    def stop(self) -> None:
        """It goes on until all have been tried."""


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Office]]:
    folder = tmp_path_factory.mktemp("offices")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DECIDES_AFTER, "0")
        children = start(Settings(instance=folder, database_url=""))
    try:
        eventually(lambda: all(child.settings() is not None for child in children), "all departments listen", PATIENCE)
        yield {child.platform.id: Office(child) for child in children}
    finally:
        for child in children:
            child.stop()


@pytest.fixture
def lines_sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address and every header that is sent over HTTP."""
    sent: list[str] = []
    put_request, put_header = http.client.HTTPConnection.putrequest, http.client.HTTPConnection.putheader

    def request(self: Any, method: str, url: str, *rest: Any, **more: Any) -> None:
        sent.append(f"{method} {url}")
        put_request(self, method, url, *rest, **more)

    def header(self: Any, name: Any, *values: Any) -> None:
        sent.append(f"{sent[-1].partition(chr(10))[0]}\n{name}: {values}")
        put_header(self, name, *values)

    monkeypatch.setattr(http.client.HTTPConnection, "putrequest", request)
    monkeypatch.setattr(http.client.HTTPConnection, "putheader", header)
    return sent


def try_everything(test: AdapterUnderTest, office: Office) -> list[str]:
    """Use all that an adapter can, well and with each fault; gives what its errors and its health say."""
    said: list[str] = []
    tried = AT_ONCE if test.manifest.sandbox else SHARED
    for faults in ({}, *({name: _setting(name)} for name in tried if name in test.faults)):
        office.set_faults(**faults)
        with closing(test.open()) as adapter:
            for call in _calls(test, adapter):
                try:
                    call()
                except AdapterError as error:
                    said.append(type(error).__name__)
                except Exception as error:  # what a broken adapter would do to the log of the worker process
                    said.append(f"{type(error).__name__} is not an error by recovery")
            said.append(adapter.check().detail)
    office.set_faults()
    return said


def _setting(name: str) -> Any:
    return "http://127.0.0.2:9/" if name == "redirect" else True


def _calls(test: AdapterUnderTest, adapter: Any) -> Iterator[Any]:
    parcel = test.parcel()
    yield lambda: adapter.push(parcel)
    if test.can("find"):
        yield lambda: adapter.find(parcel.key)
    if test.can("collect"):
        yield lambda: adapter.collect("")
    if test.can("lookup"):
        question = Question(NAME, ID_NO, ("person.phone", "residence.address"), "canary")
        yield lambda: adapter.lookup(question)
    if test.can("cancel"):
        yield lambda: adapter.cancel(parcel.key)


def _tried(platform: Platform, office: Office) -> list[str]:
    test = AdapterUnderTest(platform.folder, dict(VALUES), "XX-001")
    test.__dict__["department"] = office
    return try_everything(test, office)


def test_every_platform_with_a_department_is_tried() -> None:
    assert {manifest.id for manifest in departments()} <= PLATFORMS.keys()
    assert len(departments()) > 30


def test_resident_stands_in_no_address_header_log_health_or_file_name(
    offices: dict[str, Office], lines_sent: list[str]
) -> None:
    logs.set_up()
    leaks: list[str] = []
    with listening() as logged:
        for platform_id, office in offices.items():
            lines_sent.clear()
            said = _tried(PLATFORMS[platform_id], office)
            leaks += [f"{platform_id}: said {line}" for line in said if found_in(line) or "not an error" in line]
            leaks += [f"{platform_id}: sent {line}" for line in lines_sent if found_in(line)]
    leaks += [f"log: {line}" for line in logged.getvalue().splitlines() if found_in(line)]
    for office in offices.values():
        folder: Path = office.child.folder
        with suppress(FileNotFoundError):
            leaks += [f"file name {path}" for path in folder.rglob("*") if found_in(str(path))]
        if office.child.platform.way != "rekey":  # it was really sent; what lies in a folder or a table is fetched
            eventually((folder / "ledger.jsonl").exists, f"a ledger in {folder}", PATIENCE)
    assert sorted(set(leaks)) == []
