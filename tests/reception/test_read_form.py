"""What a posted form says, field by field and row by row."""

from dataclasses import replace

from flask import Flask
from werkzeug.datastructures import MultiDict

from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.reception.read_form import read_fields
from workbench.reception.screen import error_list
from workbench.store.problems import Problem


def field_of(code: str, key: str):
    item = next(item for item in catalogue(discover()).items if item.manifest.code == code)
    return form_of(item.manifest).fields[key]


def read(key: str, **posted: str):
    names = {name.replace("__", "-"): value for name, value in posted.items()}
    return read_fields(MultiDict(names), {key: field_of("MZ-001", key)}, lambda content: "digest")


def test_signature_on_paper_in_a_row_is_read():
    key = "authorize_members"
    posted = {f"{key}__rows": "1", f"{key}__0__member_name": "测试甲", f"{key}__0__signature__paper": "true"}

    rows = read(key, **posted).values[key]

    assert (rows[0]["member_name"], rows[0]["signature"]) == ("测试甲", "paper")


def test_signature_on_paper_taken_back_is_gone():
    assert read("signature", signature__paper="true", signature="").values == {"signature": "paper"}
    assert read("signature", signature="").values == {"signature": None}


def test_error_list_names_the_field_and_the_column():
    key = "authorize_members"
    fields = {key: replace(field_of("MZ-001", key), label_zh="授权的家庭成员")}
    wrong = Problem("checksum", "校验位不对。", "The check digit is wrong.")

    with Flask(__name__).test_request_context("/"):
        [(name, text)] = error_list(fields, {f"{key}-0-member_id_no": wrong})

    assert name == f"{key}-0-member_id_no"
    assert text == "授权的家庭成员 · 证件号码：校验位不对。"
