"""Draws pages: the template with what every page needs, or one named block of it for htmx."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

from ..host.discover import Line
from .addresses import address
from .compiled import Shelf
from .environment import PageEnvironment
from .folding import Fold
from .form_token import csrf_token
from .htmx import wants_fragment
from .language import _, bilingual, current_locale, ngettext, translated
from .services import Services

ROOT = Path(__file__).parents[1]
PLACE = "workbench.pages"
#: Functions that add to every page's context; rooms above register theirs at composition.
Contributor = Callable[[], dict[str, Any]]


def install(app: Flask, lines: tuple[Line, ...]) -> None:
    """Set where templates are found, and keep the lines that bring some."""
    rooms = sorted(path for path in ROOT.glob("*/templates") if path.is_dir())
    prefixed = {line.id: FileSystemLoader(line.folder / "templates") for line in lines if line.state == "ready"}
    app.jinja_loader = ChoiceLoader([FileSystemLoader(rooms), PrefixLoader(prefixed)])
    app.jinja_environment = PageEnvironment  # type: ignore[assignment]
    app.extensions[PLACE] = Pages(frozenset(prefixed), [], {}, shelf_of(app, lines))


def shelf_of(app: Flask, lines: tuple[Line, ...]) -> Shelf:
    """Say where compiled templates of an application are kept, and what they are made from."""
    shop: Services = app.extensions["workbench"]
    brought = [line.folder / part for line in lines if line.state == "ready" for part in ("templates", "translations")]
    rooms = sorted(ROOT.glob("*/templates"))
    return Shelf(
        shop.settings.instance / "compiled",
        partial(shop.keys.mark, "compiled template"),
        (*rooms, ROOT / "translations", ROOT / "web", *brought),
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of one application, by language and mount point."""

    lines: frozenset[str]
    contributors: list[Contributor]
    environments: dict[tuple[str, str], PageEnvironment]
    shelf: Shelf


def environment(app: Flask, locale: str, mount: str = "") -> PageEnvironment:
    """Give the templates in a language, for an application mounted at a path."""
    pages: Pages = app.extensions[PLACE]
    known = pages.environments.get((locale, mount))
    if known is None:
        known = cast("PageEnvironment", app.create_jinja_environment())
        known.globals.update(_=_, gettext=_, ngettext=ngettext, bilingual=bilingual)
        known.globals.update(static_url=static_url, csrf_token=csrf_token, url_for=address)

        def static_at(path: str) -> str:
            return f"{mount}{app.static_url_path}/{path}?v={_mark(path)}"

        known.decide(Fold(locale, False, partial(translated, locale), static_at), mount, pages.lines, pages.shelf)
        pages.environments[locale, mount] = known
    return known


def contribute(app: Flask, contributor: Contributor) -> None:
    """Register a function whose values every page gets."""
    app.extensions[PLACE].contributors.append(contributor)


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
    for contributor in current_app.extensions[PLACE].contributors:
        context.update(contributor())
    return context


def page(template: str, block: str = "", status: int = 200, **context: Any) -> Response:
    """Draw a template, or, when htmx asks and `block` names one, that block alone."""
    pages = environment(current_app, current_locale(), request.script_root)
    drawn, values = pages.get_template(template), _common() | context
    if block and wants_fragment():
        return Response("".join(drawn.blocks[block](drawn.new_context(values))), status)
    return Response(drawn.render(values), status)


def static_url(path: str) -> str:
    """Give the address of a static file, with a mark of its content so that it may be kept for long."""
    return f"{request.script_root}{current_app.static_url_path}/{path}?v={_mark(path)}"


@cache
def _mark(path: str) -> str:
    content = (ROOT / "web" / "static" / path).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]
