"""The one way to offer an address to machines: its scope, what it takes and what it gives, said once.

From what is said here the request is checked, and openapi.json is written; neither can forget the other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from ..store.problems import Problem, Problems
from ..web.permit import TOKEN, permit
from .asking import read_body, read_purpose, read_query
from .problems import ROOT, refuse_fault, refuse_problem, refuse_problems, refuse_request
from .shapes import Asked, Shape
from .token import enter

blueprint = Blueprint("machine", __name__, url_prefix=ROOT)
blueprint.register_error_handler(Problem, refuse_problem)
blueprint.register_error_handler(Problems, refuse_problems)
blueprint.register_error_handler(HTTPException, refuse_request)
blueprint.register_error_handler(Exception, refuse_fault)

#: What a view gives: the answer, alone or with a status other than 200.
Given = Shape | tuple[Shape, int]
View = Callable[..., Given]
FITTING = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with its method, as openapi.json tells it."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    scope: str
    summary: str
    answer: type[Shape]
    status: tuple[int, ...] = (200,)
    query: type[Asked] | None = None
    body: type[Shape] | None = None
    #: Personal data is looked at: the header X-Purpose must say why.
    purpose: bool = False
    problems: tuple[int, ...] = ()


OPERATIONS: list[Operation] = []


def operation(method: Literal["GET", "POST"], path: str, **said: Any) -> Callable[[View], View]:
    """Offer a view at an address; it gets `asked`, `given` and `purpose` as far as they are declared."""

    def offer(view: View) -> View:
        summary = (view.__doc__ or "").strip().splitlines()[0]
        offered = Operation(view.__name__, method, path, summary=summary, **said)
        OPERATIONS.append(offered)

        @wraps(view)
        def run(**place: str) -> Response:
            enter(offered.scope)
            return _answer(view(**_read(offered, place)))

        blueprint.add_url_rule(path, offered.name, permit(TOKEN)(run), methods=[method])
        return view

    return offer


def _read(offered: Operation, place: dict[str, str]) -> dict[str, Any]:
    if not all(FITTING.fullmatch(part) for part in place.values()):
        raise Problem("not_found", "没有此内容。", "There is no such thing.")
    found: dict[str, Any] = dict(place)
    if offered.purpose:
        found["purpose"] = read_purpose()
    if offered.query:
        found["asked"] = read_query(offered.query)
    if offered.body:
        found["given"] = read_body(offered.body)
    return found


def _answer(given: Given) -> Response:
    content, status = given if isinstance(given, tuple) else (given, 200)
    return Response(content.model_dump_json(), status, content_type="application/json")
