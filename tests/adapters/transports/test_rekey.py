"""The re-keying transport: the sheet, and handing over."""

import importlib
import json
import tomllib
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.transports.rekey import RekeyAdapter, make_adapter
from workbench.api import Capability, NeedsSettings, OutcomeUnknown, Parcel, Refused
from workbench.api.manifest import PlatformManifest

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "adapters").glob("*/*/samples/*.json"))
REKEY_SAMPLES = [path for path in SAMPLES if (path.parents[1].name in ("fuel_subsidy", "two_allowances"))]


def load(path: Path) -> tuple[RekeyAdapter, Parcel, list[dict[str, Any]]]:
    platform = PlatformManifest.model_validate(tomllib.loads((path.parents[1] / "platform.toml").read_text("utf-8")))
    sample = json.loads(path.read_text("utf-8"))
    at = datetime.fromisoformat(sample["parcel"]["accepted_at"])
    parcel = Parcel(**(sample["parcel"] | {"accepted_at": at}))
    adapter = make_adapter(platform, {"base_url": "http://127.0.0.1:9/"}, importlib.import_module(platform.codec))
    return adapter, parcel, sample["sheet"]


@pytest.fixture(params=REKEY_SAMPLES, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> tuple[RekeyAdapter, Parcel, list[dict[str, Any]]]:
    return load(request.param)


def test_sheet_of_each_sample_is_as_recorded(sample):
    adapter, parcel, recorded = sample
    assert [asdict(row) for row in adapter.sheet(parcel)] == recorded


def test_sheet_holds_every_value_of_the_form(sample):
    adapter, parcel, _ = sample
    shown = "\n".join(row.value for row in adapter.sheet(parcel))
    assert [v for v in parcel.values.values() if isinstance(v, str) and v not in shown] == []


def test_push_hands_over_with_the_sheet_as_proof(sample):
    adapter, parcel, recorded = sample
    receipt = adapter.push(parcel)
    assert (receipt.state, receipt.reference) == ("handed-over", "")
    assert json.loads(receipt.proof) == recorded


def test_push_without_a_required_value_is_refused_with_its_field(sample):
    adapter, parcel, _ = sample
    lacking = replace(parcel, values={key: value for key, value in parcel.values.items() if key != "account_no"})
    with pytest.raises(Refused) as caught:
        adapter.push(lacking)
    assert caught.value.field == "account_no"


def test_push_of_an_item_of_another_system_is_refused(sample):
    adapter, parcel, _ = sample
    with pytest.raises(Refused):
        adapter.push(replace(parcel, item_code="RS-001"))


def test_sheet_of_an_unknown_code_shows_the_value_without_a_translation(sample):
    adapter, parcel, _ = sample
    strange = replace(parcel, values=dict(parcel.values) | {"sex": "7"})
    rows = {row.fact: row for row in adapter.sheet(strange)}
    assert (rows["sex"].value, rows["sex"].theirs) == ("7", "")


def test_sheet_of_tables_and_marks_writes_them_into_the_remarks(sample):
    adapter, parcel, _ = sample
    wide = replace(parcel, values=dict(parcel.values) | {"rooms": [{"name": "卫生间"}], "agreed": True, "empty": None})
    remarks = {row.fact: row for row in adapter.sheet(wide)}["other_values"].value
    assert 'rooms：[{"name": "卫生间"}]' in remarks
    assert "agreed：是" in remarks
    assert "empty" not in remarks


def test_adapter_without_settings_is_unconfigured_and_takes_nothing(sample):
    adapter, parcel, _ = sample
    bare = make_adapter(adapter.platform, {}, adapter.codec)
    assert bare.check().state == "unconfigured"
    with pytest.raises(NeedsSettings):
        bare.push(parcel)


def test_adapter_offers_push_alone_and_never_claims_to_know(sample):
    adapter, parcel, _ = sample
    assert adapter.capabilities == {Capability.PUSH}
    with pytest.raises(OutcomeUnknown):
        adapter.find(parcel.key)
    assert adapter.collect("7").outcomes == ()
