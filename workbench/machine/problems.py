"""Refusals as application/problem+json (RFC 9457): a stable code, a text in the asker's language, the field.

An answer 422 lists everything that is wrong in `problems`. Nothing of what was sent is repeated.
"""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json, request
from pydantic import Field
from werkzeug.exceptions import HTTPException

from ..store.problems import Problem, Problems
from ..web.errors import error_page
from ..web.once_more import left_nothing
from .shapes import Shape

log = logging.getLogger(__name__)
ROOT = "/api/v1"
MEDIA_TYPE = "application/problem+json"
#: Codes whose status says more than 422.
STATUS = {
    "bad_json": 400, "purpose_missing": 400, "purpose_unfit": 400,
    "token_missing": 401, "token_unknown": 401,
    "scope_missing": 403, "may_not": 403,
    "not_found": 404, "no_such_person": 404, "no_such_item": 404, "no_such_case": 404, "no_such_delivery": 404,
    "already_registered": 409, "person_merged": 409, "key_reused": 409, "stale": 409, "wrong_state": 409,
    "line_closed": 409, "item_withdrawn": 409,
    "too_large": 413, "not_json": 415,
}  # fmt: skip


class OneProblem(Shape):
    """One thing that is wrong, and where."""

    code: str
    detail: str
    field: str = ""


class ProblemDetail(Shape):
    """Why something was refused."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str = ""
    id: str = ""
    problems: list[OneProblem] = Field(default=[])


def refuse(problems: Sequence[Problem]) -> Response:
    """Answer with what is wrong; several problems are one 422."""
    first = problems[0]
    status = STATUS.get(first.code, 422) if len(problems) == 1 else 422
    locale = _locale()
    told = tell(problems) if status == 422 else []
    return _response(status, first.code, first.text(locale), first.field, str(getattr(first, "person_id", "")), told)


def tell(problems: Sequence[Problem]) -> list[OneProblem]:
    """Tell problems in the asker's language."""
    locale = _locale()
    return [OneProblem(code=p.code, detail=p.text(locale), field=p.field) for p in problems]


def _response(
    status: int, code: str, detail: str, field: str = "", id: str = "", problems: Sequence[OneProblem] = ()
) -> Response:
    content = ProblemDetail(
        type=f"urn:round-table-workbench:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        field=field,
        id=id,
        problems=list(problems),
    )
    text = json.dumps(content.model_dump(exclude_defaults=True), ensure_ascii=False)
    return Response(text, status, content_type=MEDIA_TYPE)


def _locale() -> str:
    return request.accept_languages.best_match(["zh", "en"], "zh") or "zh"


def refuse_problem(problem: Problem) -> Response:
    """Answer one problem."""
    response = refuse([problem])
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    elif problem.code == "scope_missing":
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{problem.field}"'
    return response


def refuse_problems(several: Problems) -> Response:
    """Answer several problems in one list."""
    return refuse(several.problems)


def refuse_request(error: HTTPException) -> Response:
    """Answer what the web server itself refuses."""
    status = error.code or 500
    words = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    phrase = HTTPStatus(status).phrase
    response = _response(status, words.get(status, phrase.lower().replace(" ", "_")), phrase)
    response.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
    return response


def refuse_fault(error: Exception) -> Response:
    """Answer an unexpected error with the id to quote; the log holds the place, never a person's data."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    code = str(g.get("request_id", ""))
    log.error("fault %s: %s at %s", code, type(error).__name__, where)
    if left_nothing(error):
        return _in_the_way()
    zh, en = f"处理失败，请凭请求编号 {code} 联系运维。", f"It failed on our side; quote the request id {code}."
    return _response(500, "fault", zh if _locale() == "zh" else en)


def _in_the_way() -> Response:
    zh = "同一时刻有人做了同样的操作，未保存任何内容，请重试。"
    en = "Somebody did the same at this moment; nothing was written. Send it again."
    response = _response(503, "in_the_way", zh if _locale() == "zh" else en)
    response.headers["Retry-After"] = "1"
    return response


def install(app: Flask) -> None:
    """Let addresses nobody serves below the interface's root answer as the interface does."""
    for status in (404, 405):
        app.register_error_handler(status, _stray)


def _stray(error: HTTPException) -> Any:
    is_ours = request.path == ROOT or request.path.startswith(f"{ROOT}/")
    return refuse_request(error) if is_ours else error_page(error)
