"""`workbench new-platform`: a description of a service becomes a draft that says what it could not know."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from workbench.api.manifest import PlatformManifest

Call = Callable[..., Result]
WSDL = Path(__file__).parents[1] / "adapters" / "declared" / "department" / "pensions" / "service.wsdl"
APPLICATION = {
    "type": "object",
    "required": ["requestId", "applicant"],
    "properties": {
        "requestId": {"type": "string"},
        "caseNo": {"type": "string"},
        "applicant": {"$ref": "#/components/schemas/Applicant"},
        "colour": {"type": "string"},
    },
}


def shaped(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the content of a body."""
    return {"content": {"application/json": {"schema": schema}}}


def named(name: str) -> dict[str, Any]:
    """Give the content of a body that is described elsewhere."""
    return shaped({"$ref": f"#/components/schemas/{name}"})


CHANGE = {"properties": {"no": {}, "requestId": {}, "state": {}, "remark": {}}}
CHANGES = shaped({"properties": {"items": {"type": "array", "items": CHANGE}}})
OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": 'Rent "subsidies"'},
    "components": {
        "schemas": {
            "Application": APPLICATION,
            "Applicant": {
                "type": "object",
                "required": ["name"],
                "properties": {key: {"type": "string"} for key in ("name", "idNo", "mobile", "gender")},
            },
            "Taken": {"properties": {"code": {}, "message": {}, "data": {"properties": {"applicationNo": {}}}}},
        },
        "securitySchemes": {"o": {"flows": {"clientCredentials": {"tokenUrl": "https://h.example/oauth/token"}}}},
    },
    "paths": {
        "/v1/applications": {
            "post": {
                "operationId": "apply",
                "requestBody": named("Application"),
                "responses": {"200": named("Taken")},
            },
            "get": {
                "operationId": "findApplication",
                "parameters": [{"name": "requestId", "in": "query"}],
                "responses": {"200": named("Taken")},
            },
        },
        "/v1/changes": {
            "get": {
                "operationId": "listChanges",
                "parameters": [{"name": "after", "in": "query"}, {"name": "limit", "in": "query"}],
                "responses": {"200": CHANGES},
            }
        },
        "/v1/ping": {"get": {"operationId": "ping", "responses": {"200": {}}}},
        "/v1/photos": {"put": {"operationId": "photo", "responses": {}}},
    },
}


def read(folder: Path) -> PlatformManifest:
    return PlatformManifest.model_validate(tomllib.loads((folder / "platform.toml").read_text("utf-8")))


def test_openapi_becomes_a_draft(call: Call, tmp_path: Path) -> None:
    source = tmp_path / "api.json"
    source.write_text(json.dumps(OPENAPI), "utf-8")

    answer = call("new-platform", "housing.rents", "--from", str(source), "--folder", str(tmp_path / "rents"))

    assert answer.exit_code == 0, answer.output
    declared = read(tmp_path / "rents").declared
    assert declared is not None and declared.find and declared.collect and declared.check
    said = {field.theirs: field.ours for field in declared.push["apply"].map}
    assert said == {
        "requestId": "parcel.key",
        "caseNo": "parcel.case_no",
        "applicant.name": "name",
        "applicant.idNo": "id_no",
        "applicant.mobile": "phone",
        "applicant.gender": "sex",
    }
    assert [field.theirs for field in declared.push["apply"].map if field.required] == ["requestId", "applicant.name"]
    assert declared.push["apply"].reference == "data.applicationNo"
    assert (declared.answer.code, declared.answer.text) == ("code", "message")
    assert (declared.collect.rows, declared.collect.number, declared.collect.status) == ("items", "no", "state")
    assert [field.ours for field in declared.collect.map] == ["cursor", "page"]
    assert declared.check.path == "/v1/ping"
    assert declared.signing.token_path == "/oauth/token"
    text = (tmp_path / "rents" / "platform.toml").read_text("utf-8")
    assert '# ??? { theirs = "colour"' in text
    assert "#   PUT /v1/photos" in text
    assert int(re.findall(r"(\d+) places with", answer.output)[0]) == text.count("???")


def test_wsdl_becomes_a_draft(call: Call, tmp_path: Path) -> None:
    answer = call("new-platform", "sample.pensions", "--from", str(WSDL), "--folder", str(tmp_path / "pensions"))

    assert answer.exit_code == 0, answer.output
    declared = read(tmp_path / "pensions").declared
    assert declared is not None and declared.find and declared.collect and declared.check
    assert declared.push["apply"].operation == "submit"
    assert {f.theirs: f.ours for f in declared.push["apply"].map}["person.aac147"] == "id_no"
    assert (declared.find.operation, declared.collect.operation, declared.check.operation) == (
        "query",
        "changes",
        "ping",
    )
    assert declared.answer.code == "errorFlag"
    assert (tmp_path / "pensions" / "service.wsdl").read_bytes() == WSDL.read_bytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("openapi: 3.0.3", "neither JSON nor XML"),
        ("[]", "has no paths"),
        ("<html><body></html>", "is no XML"),
        ("<html/>", "is no WSDL"),
    ],
)
def test_file_of_another_kind_is_refused_in_words(call: Call, tmp_path: Path, content: str, words: str) -> None:
    source = tmp_path / "api"
    source.write_text(content, "utf-8")

    answer = call("new-platform", "housing.rents", "--from", str(source), "--folder", str(tmp_path / "rents"))

    assert answer.exit_code == 1
    assert words in answer.output
    assert not (tmp_path / "rents").exists()
