"""Declared REST: JSON or forms, said by method, path and map."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from adapters.transports.rest.calls import Call, Reply
from workbench.api import BrokenPromise
from workbench.api.declared import Ask
from workbench.api.manifest import PlatformManifest

from .exchange import ExchangeCodec
from .mapping import message_of
from .signing import DeclaredSigning


class RestCodec(ExchangeCodec):
    """The codec of one declared REST platform."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        super().__init__(platform, folder)
        self.signing = DeclaredSigning(self.declared.signing)
        self._accepts = frozenset(self.declared.answer.statuses) | frozenset(self._spoken())

    def _spoken(self) -> list[int]:
        """Without a code of their own, every status that means something is read."""
        shape = self.declared.answer
        codes = () if shape.code else (*shape.done, *shape.again, *shape.nothing, *self.declared.errors)
        return [int(code) for code in codes if code.isdecimal()]

    def call(self, ask: Ask, facts: Mapping[str, object], body: dict[str, Any]) -> Call:
        """Make the HTTP request."""
        places = {place: _texts(message_of(ask, facts, self.maps, place)) for place in ("query", "path", "header")}
        path = ask.path
        for name, text in places["path"].items():
            path = path.replace(f"{{{name}}}", quote(text, safe=""))
        content, kind = _content(ask, body)
        return Call(ask.method, path, places["query"], places["header"], content, kind, self._accepts)

    def tree(self, reply: Reply) -> tuple[Any, str, bytes]:
        """Read the answer as one JSON object, or as a list where the answer is one."""
        if (
            not self.declared.answer.code
            and reply.status >= 300
            and "json" not in reply.headers.get("content-type", "")
        ):
            return {}, str(reply.status), reply.body  # the status says it all
        return _json(reply), str(reply.status), reply.body


def _json(reply: Reply) -> Any:
    if reply.body.lstrip()[:1] == b"[" and "json" in reply.headers.get("content-type", ""):
        try:
            return json.loads(reply.body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise BrokenPromise("answered something that is not JSON") from error
    return reply.json()


def _content(ask: Ask, body: dict[str, Any]) -> tuple[bytes, str]:
    if ask.method == "GET":
        return b"", ""
    if ask.wrap:
        return urlencode({ask.wrap: json.dumps(body, ensure_ascii=False)}).encode(), "application/x-www-form-urlencoded"
    if ask.body == "form":
        return urlencode(_texts(body)).encode(), "application/x-www-form-urlencoded"
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace"), "application/json; charset=utf-8"


def _texts(message: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in message.items()
        if value is not None
    }
