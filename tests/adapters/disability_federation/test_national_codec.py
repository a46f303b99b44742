"""The national platform's codec on recorded pages, and its layout against its code maps."""

import csv
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from adapters.disability_federation.national import codec
from adapters.transports.web_form.page import Page, fill, guard
from workbench.api import BrokenPromise, File, Parcel, Refused

SAMPLES = Path(codec.__file__).parent / "samples"
SAMPLE = json.loads((SAMPLES / "application.json").read_text("utf-8"))
PARCEL = Parcel(
    **(SAMPLE["parcel"] | {"accepted_at": datetime.fromisoformat(SAMPLE["parcel"]["accepted_at"]), "files": ()})
)


def page(name: str) -> Page:
    return Page((SAMPLES / f"{name}.html").read_bytes())


def test_encode_gives_the_recorded_form():
    filling = codec.encode(PARCEL)
    assert (filling.action, filling.values) == (SAMPLE["action"], SAMPLE["values"])


def test_filled_form_sends_every_value_of_the_parcel():
    form = page("application")
    guard(form, codec.LAYOUT.pages["application"], codec.LAYOUT.version)
    filling = codec.encode(PARCEL)
    fill(form, filling.values, filling.keys)
    sent = dict(form.form.form_values())
    assert {name: sent[name] for name in filling.values} == filling.values


def test_every_choice_of_the_code_maps_is_on_the_recorded_form():
    form = page("application").form
    for field in codec.LAYOUT.fields:
        if field.codes:
            theirs = set(codec.read_code_map(codec.CODES, field.codes).by_theirs)
            assert theirs <= set(form.inputs[field.theirs].value_options), field.theirs


def test_two_values_for_one_field_leave_none_out():
    both = replace(PARCEL, values=dict(PARCEL.values) | {"category": "3"})
    filling = codec.encode(both)
    assert filling.values["ddlCjlb"] == "3"
    assert "申请残疾类别：4" in filling.values["txtBz"].splitlines()


def test_parcel_without_optional_values_and_with_files_is_told_in_full():
    file = File(digest="0" * 64, name="诊断证明.pdf", media_type="application/pdf", size=1)
    bare = replace(
        PARCEL, values={"name": "测试甲", "reason": "第一行\n第二行"}, files=(file,), basis="残疾人证管理办法"
    )
    filling = codec.encode(bare)
    assert set(filling.values) == {"txtLybh", "txtBjbh", "txtXm", "txtBz"}
    assert filling.values["txtBz"].splitlines() == [
        "变更原因：第一行 / 第二行",
        "附件1：诊断证明.pdf",
        "办理依据：残疾人证管理办法",
    ]


def test_remarks_say_codes_in_words_and_keep_the_code():
    told = {
        "rooms": ["bathroom", "attic"],
        "who_disabled": "51",
        "is_social_card": True,
        "empty": None,
        "odd": {"a": 1},
    }
    filling = codec.encode(replace(PARCEL, values={"name": "测试甲"} | told))
    assert filling.values["txtBz"].splitlines() == [
        "改造部位：卫生间(bathroom)、attic",
        "残疾人关系：父母(51)",
        "是否社保卡账户：是",
        "odd：a=1",
    ]


@pytest.mark.parametrize(
    ("table", "code_map"),
    [
        ("gbt_2261_1_sex", "sex"),
        ("gbt_2261_2_marital_status", "marital_status"),
        ("gbt_4658_education", "education"),
        ("gbt_4761_family_relationship", "relation"),
        ("disability_category", "disability_category"),
        ("disability_level", "disability_level"),
        ("id_document_type", "id_type"),
    ],
)
def test_code_maps_know_every_code_a_person_can_have(table, code_map):
    path = Path(codec.__file__).parents[3] / "workbench" / "catalogue" / "codes" / f"{table}.csv"
    ours = {row["code"] for row in csv.DictReader(path.read_text("utf-8").splitlines())} - {"001"}  # 001: bodies only
    assert ours <= set(codec.read_code_map(codec.CODES, code_map).by_ours)


def test_item_without_a_place_on_their_menu_is_refused():
    with pytest.raises(Refused):
        codec.encode(replace(PARCEL, item_code="MZ-001"))


def test_receipt_of_the_recorded_page_has_number_and_time():
    receipt = codec.decode_receipt(page("done"))
    assert (receipt.state, receipt.reference) == ("accepted", SAMPLE["reference"])
    assert receipt.at is not None and receipt.at.utcoffset().total_seconds() == 0


def test_query_page_answers_for_the_key_and_says_so_when_there_is_nothing():
    assert codec.decode_found(page("found"), PARCEL.key).reference == SAMPLE["reference"]
    assert codec.decode_found(page("not_found"), "nothing") is None


def test_query_page_of_another_key_is_no_proof_of_absence():
    with pytest.raises(BrokenPromise):
        codec.decode_found(page("found"), "another")


def test_list_gives_outcomes_with_serial_numbers():
    outcomes = codec.decode_outcomes(page("list"))
    assert [(o.message_id, o.status, o.raw_status) for o in outcomes] == [
        ("1", "accepted", "受理中"),
        ("2", "granted", "已办结"),
    ]


@pytest.mark.parametrize(("old", "new"), [("已办结", "办理中断"), ("CL20", "XX20"), ("2026-", "26/")])
def test_list_with_something_never_agreed_is_a_broken_promise(old, new):
    raw = (SAMPLES / "list.html").read_bytes().replace(old.encode("gbk"), new.encode("gbk"))
    with pytest.raises(BrokenPromise):
        codec.decode_outcomes(Page(raw))


def test_guard_names_a_new_field_too():
    raw = (SAMPLES / "application.html").read_bytes().replace(b"</form>", b'<input name="txtNew"></form>')
    with pytest.raises(BrokenPromise, match="txtNew"):
        guard(Page(raw), codec.LAYOUT.pages["application"], codec.LAYOUT.version)


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"{}", b"<?xml version='1.0' encoding='x'?><a/>"])
def test_what_is_no_page_never_passes_the_guard(raw):
    with pytest.raises(BrokenPromise):
        guard(Page(raw), codec.LAYOUT.pages["done"], codec.LAYOUT.version)
