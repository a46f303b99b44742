"""The translation of means checks, on recorded samples."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.civil_affairs.means_check import codec
from workbench.api import BrokenPromise, Parcel, Refused

SAMPLES = Path(codec.__file__).parent / "samples"
REPORT = json.loads((SAMPLES / "dibao.json").read_text("utf-8"))
ANSWERS = json.loads((SAMPLES / "answers.json").read_text("utf-8"))
PARCEL = Parcel(**(REPORT["parcel"] | {"accepted_at": datetime.fromisoformat(REPORT["parcel"]["accepted_at"])}))


def test_report_is_as_recorded() -> None:
    assert codec.encode(PARCEL) == REPORT["row"]
    assert list(codec.encode(PARCEL)) == list(codec.FIELDS)


def test_report_fits_gbk_and_keeps_rare_characters_and_every_value() -> None:
    document = codec.encode(PARCEL)["XML_DATA"]
    tree = etree.fromstring(document.encode("gbk"), etree.XMLParser(encoding="gbk"))
    assert tree.findtext("SQR/XM") == "王㛃"
    assert [item.get("key") for item in tree.findall("FORM/ITEM")] == [
        "income_month",
        "poverty_cause",
        "assets",
        "authorize_scope",
        "is_signed",
    ]
    assert tree.findtext("JTCY/CY/ITEM[@key='school']") == "无"


def test_report_without_optional_values_is_still_one() -> None:
    row = codec.encode(replace(PARCEL, values={"name": "测试甲"}))
    assert (row["SQRMC"], row["SQRZJLX"], row["SQRZJHM"]) == ("测试甲", "", "")


def test_control_characters_are_refused_by_field() -> None:
    with pytest.raises(Refused) as refused:
        codec.encode(replace(PARCEL, values={"remark": "a\x0bb"}))
    assert refused.value.field == "remark"


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_is_as_recorded(name: str) -> None:
    sample: dict[str, Any] = ANSWERS[name]
    (outcome,) = codec.decode_outcomes(sample["row"])
    told = asdict(outcome) | {"at": outcome.at and outcome.at.isoformat()}
    told.pop("proof")
    assert (told, codec.answered_version(sample["row"])) == (sample["outcome"], sample["version"])


@pytest.mark.parametrize(
    "damage",
    [
        {"EXTEND": None},
        {"EXTEND": "<HDJG><HDBH>HD1</HD"},
        {"EXTEND": "<HDJG><VERSION>1</VERSION></HDJG>"},
        {"NODECODE": "77", "NODENAME": "新状态"},
        {"NODECODE": "10", "NODENAME": "不予核对"},
        {"NODECODE": None, "NODENAME": None},
    ],
    ids=["nothing", "half", "no number", "unknown code", "two codes", "no code"],
)
def test_answer_that_is_none_is_a_broken_promise(damage: dict[str, object]) -> None:
    with pytest.raises(BrokenPromise):
        codec.decode_outcomes(ANSWERS["granted"]["row"] | damage)
