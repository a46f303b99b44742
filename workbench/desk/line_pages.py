"""Pages of lines: open only where the line is open, to those whose role covers it; a fault breaks one box.

This is what stands behind `workbench.api.pages`, and the gate around every view a line brings.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from flask import Flask, abort, g, request
from werkzeug.exceptions import HTTPException

from ..api import pages as surface
from ..api.nouns import Hub, Person, Worker
from ..host.discover import Line
from ..hubs.hub_settings import read_settings
from ..hubs.open_lines import is_open
from ..identity.audit import record
from ..identity.may import may
from ..people.register import NoSuchPerson
from ..people.view import person_view
from ..people.visitors import find_resident
from ..web.acting import reading, writing
from ..web.language import _, bilingual, catalogue, current_locale
from ..web.pages import page
from ..web.services import services
from .links import link

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install() -> None:
    """Put the workbench behind the surface lines see."""
    surface.serve_pages(LineFrame())


def guard_line(app: Flask, line: Line, blueprint: str) -> None:
    """Put the gate around every view of a line's mounted blueprint."""
    for endpoint, view in list(app.view_functions.items()):
        if endpoint.startswith(f"{blueprint}."):
            app.view_functions[endpoint] = _guarded(line, view)


def _guarded(line: Line, view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def answer(*args: Any, **keywords: Any) -> Any:
        if "hub" not in g or not is_open(reading().session, g.hub, services().installed, line.id):
            abort(404)
        if not may(g.worker, getattr(view, "permission", ""), line.id):
            abort(403)
        g.line = line
        if request.method not in SAFE:
            with writing() as ctx:
                record(ctx, "line.act", subject=f"line:{line.id}", detail={"page": request.endpoint})
        try:
            return view(*args, **keywords)
        except HTTPException:
            raise
        # SystemExit too: a line must never end the server.
        except (Exception, SystemExit) as error:
            services().caller.note(line.id, "page", type(error).__name__)
            return _fault(line)

    return answer


def _fault(line: Line) -> Any:
    """Say in one box that a line's page failed; htmx shows it where the panel would be."""
    name = bilingual(line.name_zh, line.name_en)
    response = page("desk/line_fault.html", block="box", box_id=f"panel-{line.id}", box_title=name)
    if request.headers.get("HX-Request") is None:
        response.status_code = 500
    return response


class LineFrame:
    """The workbench as a line's pages see it."""

    def current_hub(self) -> Hub:
        hub: Hub = g.hub
        return hub

    def current_worker(self) -> Worker:
        worker: Worker = g.worker
        return worker

    def today(self) -> date:
        return services().clock.today()

    def get_person(self, person_id: str) -> Person:
        try:
            find_resident(reading(), person_id)
        except NoSuchPerson:
            abort(404)
        with writing() as ctx:
            record(ctx, "line.look", person_id=person_id, subject=f"line:{g.line.id}", purpose="panel")
        return person_view(reading(), person_id, citywide=True)

    def setting(self, key: str) -> str:
        line: Line = g.line
        named = {one.key: one.default for one in line.manifest.settings} if line.manifest else {}
        owner = f"line:{line.id}"
        held = read_settings(reading().session, g.hub.id, [owner])[owner].get(key)
        return str(held.value) if held and key in named else named[key]

    def say(self, zh: str, en: str) -> str:
        return bilingual(zh, en)

    def render(self, template: str, block: str, values: dict[str, Any]) -> Any:
        person_id = (request.view_args or {}).get("person_id", "")
        resident_url = link("home.resident", hub=g.hub.id, person_id=person_id) if person_id else ""
        words = _words_of(g.line)
        common = {"_": words, "gettext": words, "line_id": g.line.id, "resident_url": resident_url}
        return page(template, block=block, **common | values)


def _words_of(line: Line) -> Callable[..., str]:
    """Translate with the line's own words first, then the core's."""

    def translate(message: str, **named: object) -> str:
        own = str(catalogue(current_locale(), line.folder / "translations").gettext(message))
        if own == message:
            return _(message, **named)
        return own.format(**named) if named else own

    return translate
