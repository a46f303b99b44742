"""Describes the interface as OpenAPI 3.1, from the same declarations that check every request."""

import re
from functools import cache
from typing import Any

from flask import Response, jsonify
from pydantic.json_schema import models_json_schema

from ..web.permit import PUBLIC, permit
from .operations import OPERATIONS, Operation, blueprint
from .problems import MEDIA_TYPE, ROOT, ProblemDetail

TEMPLATE = "#/components/schemas/{model}"
PURPOSE = {
    "name": "X-Purpose",
    "in": "header",
    "required": True,
    "description": "Why personal data is looked at; kept in the audit trail. UTF-8, plain or percent-encoded.",
    "schema": {"type": "string", "minLength": 2, "maxLength": 200},
}


@blueprint.get("/openapi.json")
@permit(PUBLIC)
def openapi() -> Response:
    """Give the description of the interface."""
    return jsonify(describe())


@cache
def describe() -> dict[str, Any]:
    """Write the description of every operation."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        place = re.sub(r"<(\w+)>", r"{\1}", one.path)
        paths.setdefault(f"{ROOT}{place}", {})[one.method.lower()] = _describe(one)
    security = {"token": {"type": "http", "scheme": "bearer", "description": "Made by a hub's admin, for one hub."}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Round-table workbench", "version": "1"},
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": security},
    }


def _describe(one: Operation) -> dict[str, Any]:
    place = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in _names(one.path)]
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Scope: {one.scope}",
        "parameters": place + _query(one) + ([PURPOSE] if one.purpose else []),
        "responses": {str(status): _content(one.answer, "As asked") for status in one.status},
    }
    told["responses"] |= {
        str(status): _content(ProblemDetail, "Refused", MEDIA_TYPE)
        for status in sorted({*one.problems, 401, 403, *_refusals(one)})
    }
    if one.body:
        told["requestBody"] = {"required": True, "content": _media(one.body)}
    return told


def _names(path: str) -> list[str]:
    return re.findall(r"<(\w+)>", path)


def _refusals(one: Operation) -> set[int]:
    found = {400} if one.purpose or one.body else set()
    found |= {413, 415} if one.body else set()
    found |= {422} if one.body or one.query else set()
    return found | ({404} if _names(one.path) else set())


def _query(one: Operation) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = one.query.model_json_schema(ref_template=TEMPLATE)
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": told}
        for name, told in schema["properties"].items()
    ]


def _content(model: Any, description: str, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": _media(model, media_type)}


def _media(model: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": TEMPLATE.format(model=model.__name__)}}}


def _schemas() -> dict[str, Any]:
    taken = [(one.body, "validation") for one in OPERATIONS if one.body]
    given = [(model, "serialization") for model in (*(one.answer for one in OPERATIONS), ProblemDetail)]
    _, schema = models_json_schema([*taken, *given], ref_template=TEMPLATE)  # type: ignore[list-item]
    found: dict[str, Any] = schema["$defs"]
    return found
