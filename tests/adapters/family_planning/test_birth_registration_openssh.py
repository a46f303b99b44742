"""The same adapter against OpenSSH, a server not written by us; the department's night shift reads the same folder."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.family_planning.birth_registration import codec
from adapters.family_planning.birth_registration.sandbox_inbox import Inbox
from adapters.transports.sftp import SftpAdapter, make_adapter
from workbench.api import NeedsCredentials, NeedsSettings, Parcel, TryLater
from workbench.api.manifest import PlatformManifest
from workbench.testing.department import DECIDES_AFTER, DepartmentHome

pytestmark = pytest.mark.openssh

PLATFORM = PlatformManifest.model_validate(
    tomllib.loads(Path(codec.__file__).with_name("platform.toml").read_text("utf-8"))
)
PARCEL = Parcel(
    key="01JD0000000000000000000009",
    case_no="WJ202611220009",
    item_code="WJ-001",
    item_version="1",
    item_title="生育登记",
    operation="apply",
    hub_id="H1",
    division="990101001002",
    accepted_at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
    worker_name="社工甲",
    values={"name": "王㛃", "id_type": "111", "id_no": "990101199001010022"},
)
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJv5Ho5yXyd0xOuaGvkQkGQbVJ5rZ3sXxkqBDxOZOrwe"


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.setenv(DECIDES_AFTER, "0")
    return Inbox(DepartmentHome(tmp_path, PLATFORM.id))


@pytest.fixture
def adapter(inbox: Inbox, openssh: tuple[dict[str, str], Path]) -> Iterator[SftpAdapter]:
    settings, folder = openssh
    assert folder == inbox.root
    opened = make_adapter(PLATFORM, settings, codec)
    yield opened
    opened.close()


def test_parcel_goes_up_once_and_the_decision_comes_down(adapter: SftpAdapter, inbox: Inbox) -> None:
    assert adapter.check().state == "up"
    assert adapter.find(PARCEL.key) is None
    assert [adapter.push(PARCEL).state, adapter.push(PARCEL).state] == ["queued", "queued"]
    assert sorted(path.suffix for path in inbox.up.iterdir()) == [".csv", ".ok"]
    inbox.process()
    batch = adapter.collect("")
    assert [outcome.status for outcome in batch.outcomes] == ["accepted", "granted"]
    assert adapter.collect(batch.cursor).outcomes == ()
    assert adapter.find(PARCEL.key).reference == batch.outcomes[0].reference
    assert adapter.push(PARCEL).state == "duplicate"


def test_upload_cut_short_is_written_again(adapter: SftpAdapter, inbox: Inbox) -> None:
    (inbox.up / codec.file_name(PARCEL.key)).write_bytes(b"half")
    assert adapter.find(PARCEL.key) is None
    adapter.push(PARCEL)
    inbox.process()
    assert len(adapter.collect("").outcomes) == 2


def test_folder_that_cannot_be_written_is_tried_later(adapter: SftpAdapter, inbox: Inbox) -> None:
    (inbox.up / f"{codec.file_name(PARCEL.key)}.part").mkdir()
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    assert adapter.find(PARCEL.key) is None


def test_wrong_settings_are_told_apart(openssh: tuple[dict[str, str], Path], inbox: Inbox) -> None:
    wrong = {
        NeedsSettings: openssh[0] | {"host_key": OTHER_KEY},
        NeedsCredentials: openssh[0] | {"username": "nobody-here"},
    }
    for error, settings in wrong.items():
        other = make_adapter(PLATFORM, settings, codec)
        with pytest.raises(error):
            other.find(PARCEL.key)
        other.close()


def test_missing_folder_asks_for_settings(openssh: tuple[dict[str, str], Path], inbox: Inbox) -> None:
    other = make_adapter(PLATFORM, openssh[0] | {"reply_folder": "elsewhere"}, codec)
    with pytest.raises(NeedsSettings):
        other.collect("")
    other.close()
