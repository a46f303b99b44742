"""The description: open to all, whole, and true to the addresses that are served."""

from typing import Any

from flask import Flask

from workbench.machine.operations import blueprint


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in part.values()))
    return set().union(*(references(inner) for inner in part)) if isinstance(part, list) else set()


def served(app: Flask) -> set[tuple[str, str]]:
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{blueprint.name}.") and rule.endpoint != f"{blueprint.name}.openapi":
            path = rule.rule.replace("<", "{").replace(">", "}")
            found |= {(path, method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"}}
    return found


def test_the_description_lists_every_address_and_no_other(app: Flask) -> None:
    told = app.test_client().get("/api/v1/openapi.json").json

    assert told["openapi"] == "3.1.0"
    assert {(path, method) for path, methods in told["paths"].items() for method in methods} == served(app)


def test_every_reference_leads_somewhere(app: Flask) -> None:
    told = app.test_client().get("/api/v1/openapi.json").json
    names = {reference.removeprefix("#/components/schemas/") for reference in references(told)}

    assert names == told["components"]["schemas"].keys()


def test_every_shape_forbids_what_it_does_not_declare(app: Flask) -> None:
    schemas = app.test_client().get("/api/v1/openapi.json").json["components"]["schemas"]

    assert {name for name, schema in schemas.items() if schema.get("additionalProperties") is not False} == {
        "JsonValue"
    }


def test_personal_data_is_described_with_a_purpose(app: Flask) -> None:
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]
    looks = {
        path
        for path, methods in paths.items()
        for told in methods.values()
        if any(one["name"] == "X-Purpose" and one["required"] for one in told["parameters"])
    }

    assert looks == {
        "/api/v1/persons/search",
        "/api/v1/persons/{person_id}",
        "/api/v1/cases",
        "/api/v1/cases/{case_id}",
    }


def test_addresses_nobody_serves_answer_as_the_interface_does(app: Flask) -> None:
    client = app.test_client()
    missing, wrong = client.get("/api/v1/nothing"), client.put("/api/v1/items")

    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert "GET" in wrong.headers["Allow"]
    assert client.get("/nothing").mimetype == "text/html"
