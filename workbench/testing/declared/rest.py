"""A declared department that speaks HTTP with JSON or forms."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from ...api.declared import Ask
from .. import http_department
from ..department import DepartmentHome
from ..http_department import Answered, Asked, answer_json, serve_http
from .clerk import FAULTS as CLERK_FAULTS
from .clerk import Clerk, Said
from .door import Door
from .shape import Shape, look

FAULTS = http_department.FAULTS | CLERK_FAULTS


class RestDepartment:
    """Finds what a request asks for and answers it."""

    def __init__(self, home: DepartmentHome, shape: Shape) -> None:
        self.home = home
        self.shape = shape
        self.clerk = Clerk(home, shape)
        self.door = Door(home, shape)
        self.services = self.clerk.services()

    def settings(self, base_url: str) -> dict[str, Any]:
        """Give what a caller needs."""
        self.door.settings = self.shape.settings(self.home, {"base_url": base_url})
        return self.door.settings

    def answer(self, asked: Asked) -> Answered:
        """Answer one request."""
        if asked.path == self.shape.declared.signing.token_path and asked.method == "POST":
            return self.door.lend(asked)
        fitting = [(ask, answer, found) for ask, answer in self.services if (found := _fits(ask, asked)) is not None]
        if not fitting:
            return answer_json({"error": "not found"}, 404)
        known = {"method": asked.method, "path": asked.path, "body": asked.body.decode("utf-8", "replace")}
        if not self.door.lets_in(asked.headers, known):
            return self._send(self.clerk.distrust(), status=401)
        # One address may serve several operations; the message whose fixed texts fit is the one.
        ask, answer, found = next((one for one in fitting if _speaks(one[0], asked, one[2])), fitting[0])
        trouble = None if ask is self.shape.declared.check else self.clerk.trouble()
        return self._send(trouble or answer(_said(ask, asked, found), asked.body.decode("utf-8", "replace")))

    def _send(self, said: Said, status: int = 200) -> Answered:
        """Send an answer; where there is no code in it, the status is the code."""
        if not self.shape.declared.answer.code:
            status = int(said.code) if said.code.isdecimal() else 418
        elif status != 200 and said.code != "E_UNLISTED":
            status = 200
        return answer_json(said.tree, status, took=said.took)


def _fits(ask: Ask, asked: Asked) -> dict[str, str] | None:
    """Hold a request against method and path; gives the parts named in the path."""
    if ask.method != asked.method:
        return None
    found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(ask.path)), asked.path)
    return {name: unquote(text) for name, text in found.groupdict().items()} if found else None


def _speaks(ask: Ask, asked: Asked, found: Mapping[str, str]) -> bool:
    said = _said(ask, asked, found)
    return all(str(said.get(field.theirs)) == field.text for field in ask.map if field.text)


def _said(ask: Ask, asked: Asked, found: Mapping[str, str]) -> dict[str, Any]:
    """Give what a request says, by the names of the map."""
    body = _body(ask, asked)
    usual = "query" if ask.method == "GET" else "body"
    said = {}
    for field in ask.map:
        place = field.place or usual
        if place == "body":
            said[field.theirs] = look(body, field.theirs)
        elif place == "header":
            said[field.theirs] = asked.headers.get(field.theirs.lower())
        else:
            said[field.theirs] = (found if place == "path" else asked.query).get(field.theirs)
    return said


def _body(ask: Ask, asked: Asked) -> dict[str, Any]:
    try:
        if ask.method == "GET":
            return {}
        if ask.wrap:
            content = json.loads(asked.form().get(ask.wrap, "{}"))
        elif ask.body == "form":
            content = dict(parse_qsl(asked.body.decode("utf-8"), keep_blank_values=True))
        else:
            content = json.loads(asked.body.decode("utf-8"))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def serve(home: DepartmentHome, shape: Shape) -> None:
    """Serve the department until the process is ended."""
    department = RestDepartment(home, shape)
    serve_http(home, department.answer, department.settings)
