"""Draws pages: the template with what every page needs, or one named block of it for htmx."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, make_response, request
from flask_wtf.csrf import generate_csrf
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2_fragments.flask import render_block

from ..host.discover import Line
from . import filters
from .htmx import wants_fragment
from .language import _, bilingual, current_locale, ngettext

ROOT = Path(__file__).parents[1]
#: Functions that add to every page's context; rooms above register theirs at composition.
Contributor = Callable[[], dict[str, Any]]


def install(app: Flask, lines: tuple[Line, ...]) -> None:
    """Set the template loaders, the filters and the common context."""
    rooms = sorted(path for path in ROOT.glob("*/templates") if path.is_dir())
    prefixed = {line.id: FileSystemLoader(line.folder / "templates") for line in lines if line.state == "ready"}
    app.jinja_loader = ChoiceLoader([FileSystemLoader(rooms), PrefixLoader(prefixed)])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(filters.ALL)
    # The ui macros are imported without context, so that they are made once; this is all they need.
    app.jinja_env.globals.update(_=_, gettext=_, ngettext=ngettext, bilingual=bilingual)
    app.jinja_env.globals.update(static_url=static_url, csrf_token=generate_csrf)
    app.extensions["workbench.contributors"] = []
    app.context_processor(_common)


def contribute(app: Flask, contributor: Contributor) -> None:
    """Register a function whose values every page gets."""
    app.extensions["workbench.contributors"].append(contributor)


def _common() -> dict[str, Any]:
    locale = current_locale()
    context: dict[str, Any] = {
        "locale": "en" if locale == "en" else "zh-CN",
        "worker": g.get("worker"),
        "hub": g.get("hub"),
        "nav": [],
        "banners": [],
        "parked": [],
        "search_url": "",
        "flashes": [],
    }
    for contributor in current_app.extensions["workbench.contributors"]:
        context.update(contributor())
    return context


def page(template: str, block: str = "", status: int = 200, **context: Any) -> Response:
    """Draw a template, or, when htmx asks and `block` names one, that block alone."""
    if block and wants_fragment():
        return make_response(render_block(template, block, **context), status)
    return make_response(current_app.jinja_env.get_template(template).render(**_whole(context)), status)


def _whole(context: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    current_app.update_template_context(values)
    return values | context


def static_url(path: str) -> str:
    """Give the address of a static file, with a mark of its content so that it may be kept for long."""
    return f"{request.script_root}{current_app.static_url_path}/{path}?v={_mark(path)}"


@cache
def _mark(path: str) -> str:
    content = (ROOT / "web" / "static" / path).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]
