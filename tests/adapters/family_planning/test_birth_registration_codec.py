"""The translation of birth registrations, on recorded samples."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from adapters.family_planning.birth_registration import codec
from adapters.transports.charset import Spelling
from workbench.api import BrokenPromise, Parcel

SAMPLES = Path(codec.__file__).parent / "samples"


@pytest.mark.parametrize("name", ["second_child", "rare_names"])
def test_row_is_as_recorded(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    at = datetime.fromisoformat(sample["parcel"]["accepted_at"])
    row = codec.encode(Parcel(**(sample["parcel"] | {"accepted_at": at})))
    fitted, note = Spelling("gbk", "pinyin").fit(row, codec.FIELDS)
    assert fitted | {codec.NOTE: note} == sample["row"]


def test_reply_with_many_rows_is_as_recorded() -> None:
    sample = json.loads((SAMPLES / "batch_of_four.json").read_text("utf-8"))
    content = (SAMPLES / sample["file"]).read_bytes()
    outcomes = codec.decode_outcomes((sample["file"], content))
    assert all(outcome.proof == content for outcome in outcomes)
    told = [asdict(outcome) | {"at": outcome.at and outcome.at.isoformat()} for outcome in outcomes]
    assert [{key: value for key, value in row.items() if key != "proof"} for row in told] == sample["outcomes"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "流水号,受理号,结果代码\r\n".encode("gbk"),
        "流水号,受理号,结果代码\r\nK1,,7\r\n".encode("gbk"),
        "流水号,受理号,结果代码\r\nK1,,1\r\n".encode("gbk"),
        "流水号,受理号,结果代码\r\n,SY1,1\r\n".encode("gbk"),
        "<html>请登录</html>".encode(),
        "王㛃".encode("gb18030") + b"\xff",
    ],
    ids=["empty", "no rows", "unknown code", "no number", "no key", "sign-in page", "not gbk"],
)
def test_reply_that_is_none_is_a_broken_promise(content: bytes) -> None:
    with pytest.raises(BrokenPromise):
        codec.decode_outcomes(("SYDJ_X_HZ01.csv", content))
