"""What a codec says and hears: a call to make, the reply to it. Pure data, no network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from workbench.api import BrokenPromise


@dataclass(frozen=True, slots=True)
class Call:
    """One request below the platform's base address."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""
    #: Statuses the codec reads itself; all others become an error by recovery.
    accepts: frozenset[int] = frozenset({200})


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, byte for byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Read the body as one JSON object; anything else, such as a sign-in page, is a broken promise."""
        kind = self.headers.get("content-type", "")
        if "json" not in kind:
            raise BrokenPromise(f"answered {kind or 'no content type'} instead of JSON: perhaps a sign-in page")
        try:
            content = json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise BrokenPromise("answered something that is not JSON") from error
        if not isinstance(content, dict):
            raise BrokenPromise("answered JSON that is not an object")
        return content


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret with an end, as a platform lends it."""

    value: str
    ends_at: datetime


def form_call(path: str, fields: Mapping[str, str], **more: Any) -> Call:
    """Make a form POST."""
    return Call("POST", path, body=urlencode(fields).encode(), content_type="application/x-www-form-urlencoded", **more)


def json_call(path: str, content: Any, **more: Any) -> Call:
    """Make a POST of one JSON value."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Call("POST", path, body=body, content_type="application/json; charset=utf-8", **more)
