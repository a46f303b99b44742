"""What may stand in the log, and what must never."""

import io
import json
import logging
import sys
from typing import Any

import pytest
from flask import Flask

from workbench.web import logs


@pytest.mark.parametrize(
    "text",
    [
        "110101195901011234",
        "11010119590101123X",
        "110101 19590101 123x",
        "110101590101123",
        "身份证号110101195901011234。",
        "13800138000",
        "+86 138 0013 8000",
        "138-0013-8000",
        "0512-65221234",
        "6222000000000000000",
        "１１０１０１１９５９０１０１１２３４",
    ],
)
def test_mask_hides_numbers_of_people(text: str) -> None:
    masked = logs.mask(f"before {text} after")

    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert logs.MASK in masked
    assert not any(part in masked for part in ("590101", "0013", "65221234", "000000", "５９０１"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T06:58:06.123456Z",
        "20261122-0001",
        "01JD3Z6K8Q4N5R7S9T0V1W2X3Y",
        "12345678901",
        "port 8000",
        "1795312345678",
    ],
)
def test_mask_leaves_other_numbers(text: str) -> None:
    assert logs.mask(text) == text


def test_mask_reaches_into_values() -> None:
    event = {"a": ["13800138000", 110101195901011234], "13800138000": {"b": 5}, "ok": True, "ms": 1.5, "none": None}

    assert logs.mask(event) == {
        "a": [logs.MASK, logs.MASK],
        logs.MASK: {"b": 5},
        "ok": True,
        "ms": 1.5,
        "none": None,
    }


def written(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(logs.formatter().format(record))
    return found


def test_a_line_is_json_without_numbers_even_in_a_traceback() -> None:
    try:
        raise ValueError("110101195901011234")
    except ValueError:
        record = logging.LogRecord("workbench", logging.ERROR, "f.py", 1, "phone %s", ("13800138000",), sys.exc_info())
    line = written(record)

    assert (line["event"], line["level"], line["logger"]) == (f"phone {logs.MASK}", "error", "workbench")
    assert "ValueError" in line["exception"]
    assert "110101195901011234" not in json.dumps(line)
    assert "13800138000" not in json.dumps(line)
    assert line["timestamp"].endswith("Z")


@pytest.fixture
def small_app() -> Flask:
    app = Flask("small")
    logs.install(app)
    app.add_url_rule("/p/<number>", "p", lambda number: number)
    app.add_url_rule("/healthz", "service.healthz", lambda: "ok")
    return app


def test_request_log_holds_no_query_and_no_numbers(small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)

    answer = small_app.test_client().get("/p/110101195901011234?q=zhangsan")

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", f"/p/{logs.MASK}", 200)
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert "zhangsan" not in out.getvalue()


def test_request_id_is_taken_from_a_proxy_only_when_it_is_one(small_app: Flask) -> None:
    client = small_app.test_client()

    assert client.get("/p/1", headers={"X-Request-Id": "abcdef12-34"}).headers["X-Request-Id"] == "abcdef12-34"
    assert client.get("/p/1", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"] != "a b<script>"


def test_probes_are_not_logged(small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)

    small_app.test_client().get("/healthz")

    assert out.getvalue() == ""


def test_set_up_twice_writes_once() -> None:
    logs.set_up()
    logs.set_up()

    assert sum(isinstance(handler, logs.Console) for handler in logging.getLogger().handlers) == 1
