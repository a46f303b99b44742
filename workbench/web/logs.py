"""The log: one JSON object a line on standard error, with identity and phone numbers masked wherever they stand.

Requests are written without query strings. Whoever asks gets the request's id back as X-Request-Id, and
can tell it to the help desk.
"""

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from flask import Flask, Response
from structlog.typing import Processor

from ..store.ids import new_id
from .here import asked, held

log = logging.getLogger("workbench.request")

MASK = "[masked]"
#: Identity numbers (18 and 15), grouped or not; long runs such as accounts; mobile and fixed phone numbers.
NUMBERS = re.compile(
    r"(?<!\d)(?:\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx]|\d{6}[ -]?\d{6}[ -]?\d{3}|\d{15,19}"
    r"|(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8})(?!\d)"
)
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
#: Asked every few seconds by machines; they would bury everything else.
QUIET = frozenset({"service.healthz", "service.readyz", "service.metrics", "static"})


def mask(value: Any) -> Any:
    """Mask the numbers in a text, or in whatever holds texts and numbers."""
    if isinstance(value, str):
        return NUMBERS.sub(MASK, value)
    if isinstance(value, dict):
        return {mask(key): mask(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [mask(inner) for inner in value]
    if isinstance(value, (bool, float)) or value is None:
        return value
    text = str(value)
    masked = NUMBERS.sub(MASK, text)
    return value if isinstance(value, int) and masked == text else masked


def mask_numbers(logger: Any, method: str, event: Any) -> Any:
    """Mask every value of an event; the last thing done before it is written."""
    return {key: value if key == "timestamp" else mask(value) for key, value in event.items()}


class Console(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class RequestFirst(logging.Formatter):
    """Writes the line of a request by itself, because there is one for each; everything else as structlog does.

    Of what such a line holds only the path comes from outside.
    """

    def __init__(self, others: logging.Formatter) -> None:
        super().__init__()
        self._others = others

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] | None = record.__dict__.get("request")
        if said is None:
            return self._others.format(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        head = {"event": record.msg, "level": record.levelname.lower(), "logger": record.name}
        return _dumps({**head, **said, "path": mask(said["path"]), "timestamp": at})


_dumps = json.JSONEncoder(ensure_ascii=False).encode


def formatter() -> logging.Formatter:
    """Make the formatter of every line."""
    return RequestFirst(_structured())


def _structured() -> logging.Formatter:
    start: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    finish: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask_numbers,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=start, processors=finish)


def set_up(level: int = logging.INFO) -> None:
    """Send everything that is logged to standard error. Safe twice."""
    root = logging.getLogger()
    if not any(isinstance(handler, Console) for handler in root.handlers):
        handler = Console()
        handler.setFormatter(formatter())
        root.addHandler(handler)
    logging.getLogger("workbench").setLevel(level)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its access log holds query strings


def install(app: Flask) -> None:
    """Write one line per request; the first of all hooks, so that `g.began` is when the request came."""
    set_up(logging.DEBUG if app.debug else logging.INFO)

    @app.before_request
    def begin() -> None:
        sent, here = asked().headers.get("X-Request-Id", ""), held()
        here.request_id = sent if REQUEST_ID.fullmatch(sent) else new_id()
        here.began = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        here = held()
        if "request_id" in here:
            response.headers["X-Request-Id"] = here.request_id
        if asked().endpoint not in QUIET or response.status_code >= 500:
            _write(_about(response))
        return response


def _write(about: dict[str, Any]) -> None:
    """Log a request as log.info would, without looking up the stack for who logs."""
    if log.isEnabledFor(logging.INFO):
        log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, "request", (), None, extra={"request": about}))


def _about(response: Response) -> dict[str, Any]:
    here, request = held(), asked()
    began = here.get("began")
    return {
        "request_id": here.get("request_id", ""),
        "method": request.method,
        "path": request.path,
        "endpoint": request.endpoint or "",
        "status": response.status_code,
        "ms": round((time.perf_counter() - began) * 1000, 1) if began else 0.0,
    }
