"""Codecs against their recorded samples: what was said and heard once is still said and heard the same."""

import importlib
import json
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from adapters.transports.rest import Reply
from adapters.transports.soap import SoapReply
from workbench.api import AdapterError, Outcome, Parcel, Question, Receipt
from workbench.api.parcels import Answer

ADAPTERS = Path(__file__).parents[3] / "adapters"
PLATFORMS = [
    "civil_affairs.case_gateway",
    "social_security.integrated",
    "social_security.card_registry",
    "family_planning.child_allowance",
]
SAMPLES = [
    pytest.param(platform, path, id=f"{platform}:{path.stem}")
    for platform in PLATFORMS
    for path in sorted((ADAPTERS / platform.replace(".", "/") / "samples").glob("*.json"))
]


def message_of(call):
    if hasattr(call, "operation"):
        return {"operation": call.operation, "values": call.values}
    message = {"method": call.method, "path": call.path}
    if call.query:
        message["query"] = call.query
    if "form" in call.content_type:
        message["content"] = {name: json.loads(value) for name, value in parse_qsl(call.body.decode())}
    elif call.body:
        message["content"] = json.loads(call.body)
    return message


def reply_of(recorded):
    if "values" in recorded:
        return SoapReply(recorded["values"], recorded["body"].encode())
    return Reply(recorded["status"], {"content-type": recorded["content_type"]}, recorded["body"].encode())


def receipt_of(recorded, reply):
    at = datetime.fromisoformat(recorded["at"])
    return Receipt(recorded["state"], recorded["reference"], at, reply.body)


def without_proof(outcome):
    return Outcome(**{name: getattr(outcome, name) for name in outcome.__slots__ if name != "proof"})


def check_said(codec, sample):
    if "parcel" in sample:
        accepted_at = datetime.fromisoformat(sample["parcel"]["accepted_at"])
        call = codec.encode(Parcel(**sample["parcel"] | {"accepted_at": accepted_at}))
    elif "key" in sample:
        call = codec.ask_found(sample["key"])
    elif "cursor" in sample:
        call = codec.ask_outcomes(sample["cursor"])
    else:
        call = codec.ask_answers(Question(**sample["question"] | {"keys": tuple(sample["question"]["keys"])}))
    assert message_of(call) == sample["message"]


def check_heard(codec, sample, reply):
    if "receipt" in sample:
        assert codec.decode_receipt(reply) == receipt_of(sample["receipt"], reply)
    if "found" in sample:
        expected = receipt_of(sample["found"], reply) if sample["found"] else None
        assert codec.decode_found(reply) == expected
    if "outcomes" in sample:
        outcomes = codec.decode_outcomes(reply)
        expected = [Outcome(**o | {"at": datetime.fromisoformat(o["at"])}) for o in sample["outcomes"]]
        assert [without_proof(outcome) for outcome in outcomes] == expected
        assert all(outcome.reference.encode() in outcome.proof for outcome in outcomes)
        assert codec.decode_cursor(reply, sample["cursor"])[0] == sample["next"]
    if "answers" in sample:
        expected = [Answer(**a | {"as_of": date.fromisoformat(a["as_of"])}) for a in sample["answers"]]
        assert list(codec.decode_answers(reply, Question("", "", tuple(sample["question"]["keys"]), ""))) == expected


@pytest.mark.parametrize(("platform", "path"), SAMPLES)
def test_codec_keeps_to_its_sample(platform, path):
    codec = importlib.import_module(f"adapters.{platform}.codec")
    sample = json.loads(path.read_text("utf-8"))
    reply = reply_of(sample["reply"])

    if "message" in sample:
        check_said(codec, sample)
    if "error" in sample:
        with pytest.raises(AdapterError) as error:
            codec.decode_receipt(reply)
        assert type(error.value).__name__ == sample["error"]
    else:
        check_heard(codec, sample, reply)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_samples_cover_push_find_and_collect(platform):
    stems = {path.stem for path in (ADAPTERS / platform.replace(".", "/") / "samples").glob("*.json")}
    assert {"apply", "again", "found", "not_found", "outcomes", "busy"} <= stems


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("key", ["phone", "sex", "hukou_address", "id_type", "birth_date"])
def test_parcel_without_an_optional_value_is_still_encoded(platform, key):
    codec = importlib.import_module(f"adapters.{platform}.codec")
    sample = json.loads((ADAPTERS / platform.replace(".", "/") / "samples" / "apply.json").read_text("utf-8"))
    fields = sample["parcel"] | {"accepted_at": datetime.fromisoformat(sample["parcel"]["accepted_at"])}
    del fields["values"][key]
    assert codec.encode(Parcel(**fields))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parcel_of_nothing_but_a_name_is_still_encoded(platform):
    codec = importlib.import_module(f"adapters.{platform}.codec")
    sample = json.loads((ADAPTERS / platform.replace(".", "/") / "samples" / "apply.json").read_text("utf-8"))
    fields = sample["parcel"] | {"accepted_at": datetime.fromisoformat(sample["parcel"]["accepted_at"])}
    assert codec.encode(Parcel(**fields | {"values": {"name": "测试甲"}}))
