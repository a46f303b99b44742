"""Reads what a machine asks: the query, the body, the purpose. Everything wrong is told at once."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import unquote

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from ..store.problems import Problem, Problems

LARGEST_BODY = 1024 * 1024
LONGEST_PURPOSE = 200
M = TypeVar("M", bound=BaseModel)
#: Characters no text of ours holds; PostgreSQL cannot even store the first.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_query(model: type[M]) -> M:
    """Read what stands behind the question mark; raises Problems."""
    names = [name for name in request.args if len(request.args.getlist(name)) > 1]
    if names:
        raise Problems([Problem("repeated", "参数重复。", "Given more than once.", name) for name in names])
    given = request.args.to_dict()
    _refuse_control(given)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _as_problems(error) from None


def read_body(model: type[M]) -> M:
    """Read a JSON body; raises Problem for what is no JSON, Problems for what is not as declared."""
    if not request.is_json:
        raise Problem("not_json", "请求内容应为 application/json。", "Send application/json.")
    request.max_content_length = LARGEST_BODY
    body = request.get_data()
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError:
        zh, en = "请求内容不是可读的 JSON（UTF-8）。", "The body is not readable JSON in UTF-8."
        raise Problem("bad_json", zh, en) from None
    _refuse_control(content)
    json.loads(body, object_pairs_hook=_refuse_repeated)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _as_problems(error) from None


def read_purpose() -> str:
    """Read why personal data is asked for, from X-Purpose: UTF-8, plain or percent-encoded; raises Problem."""
    sent = request.headers.get("X-Purpose", "")
    try:
        text = unquote(sent.encode("latin-1").decode("utf-8"), errors="strict").strip()
    except UnicodeError:
        text = "\x00"
    if not sent.strip():
        zh, en = "查看居民资料须在 X-Purpose 中写明事由。", "Say in X-Purpose why personal data is asked for."
        raise Problem("purpose_missing", zh, en, "X-Purpose")
    if not 2 <= len(text) <= LONGEST_PURPOSE or any(unicodedata.category(char)[0] == "C" for char in text):
        zh, en = f"事由应为 2 至 {LONGEST_PURPOSE} 个字。", f"A purpose has 2 to {LONGEST_PURPOSE} plain characters."
        raise Problem("purpose_unfit", zh, en, "X-Purpose")
    return text


def _refuse_control(content: Any) -> None:
    if any(CONTROL.search(text) for text in _texts(content)):
        zh, en = "文字中有控制字符。", "A text holds control characters."
        raise Problem("control_characters", zh, en)


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a key that stands twice: of two readers one takes the first value, the other the last."""
    if len(dict(pairs)) < len(pairs):
        raise Problem("repeated", "同一对象中有重复的键。", "A key stands twice in one object.")


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _as_problems(error: ValidationError) -> Problems:
    return Problems([_as_problem(one) for one in error.errors(include_url=False, include_input=False)])


def _as_problem(one: ErrorDetails) -> Problem:
    place = ".".join(str(part) for part in one["loc"])
    words = {"missing": "缺少此项。", "extra_forbidden": "没有约定此项。"}
    zh = words.get(one["type"], f"不合约定：{one['msg']}")
    return Problem(one["type"], zh, f"{one['msg']}.", CONTROL.sub("", place)[:200])
