"""Composes the web application: the only place that knows every room."""

import importlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from .api.hooks import HOOK_NAMES
from .cases.propose import propose
from .catalogue.dictionary import load_dictionary
from .desk import line_pages
from .host.discover import Installed, Line
from .host.prove import break_line, prove_lines
from .hubs.versions import PATIENCE, find_installed
from .identity import gate, looks
from .identity.declared import refuse_open_hooks
from .identity.may import VERBS
from .opening.faults import keep_faults
from .people.corrected import Follow, set_follower
from .people.facts import FactInput
from .people.sensitivity import set_sensitivity
from .settings import Settings, load_settings
from .store.context import Context
from .web import form_token, headers, htmx, logs, pages
from .web.acting import close_reading
from .web.errors import error_page, stale_form_page
from .web.memory import settle
from .web.once_more import left_nothing, once_more, try_again_page
from .web.permit import PUBLIC, permit, refuse_open_routes
from .web.services import Services, services

log = logging.getLogger(__name__)

#: Rooms with pages, each with a module `views` that offers `blueprint`.
ROOMS = (
    "identity",
    "people",
    "catalogue",
    "delivery",
    "cases",
    "quality",
    "reception",
    "documents",
    "agenda",
    "assigned",
    "enquiries",
    "exchange",
    "meter",
    "duty",
    "hall",
    "retention",
    "desk",
    "admin",
    "machine",
    "service",
)
MAX_FORM = 2 * 1024 * 1024
MAX_UPLOAD = 64 * 1024 * 1024


class Workbench(Flask):
    """Flask without the question, asked for every hook of every request, whether a function is asynchronous."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function as it is: none of ours is asynchronous."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer, once more where somebody else was in the way."""
        return once_more(super().dispatch_request)


def create_app(settings: Settings | None = None, installed: Installed | None = None) -> Flask:
    """Make the application; raises OpenRoute or Undeclared when a route or a hook has no permission.

    A line that cannot be imported, or has such a route, is broken: the site starts without it.
    """
    settings = settings or load_settings()
    keys = settings.keys()
    store = settings.open_store(keys)
    if installed is None:
        installed = find_installed(settings, store, patience=PATIENCE)
        store.engine.dispose()  # who is forked from this process opens connections of its own
    installed = prove_lines(installed)
    app = Workbench("workbench", static_folder="web/static", static_url_path="/static", template_folder=None)
    app.config.update(_configuration(settings, keys.cookie))
    app.extensions["workbench"] = Services(
        settings=settings,
        store=store,
        keys=keys,
        files=settings.file_store(keys),
        clock=settings.clock(),
        installed=installed,
    )
    set_sensitivity(load_dictionary().is_sensitive)
    set_follower(_propose_from(installed))
    app.view_functions["static"] = permit(PUBLIC)(app.view_functions["static"])
    logs.install(app)
    htmx.install(app)
    headers.install(app)
    form_token.install(app)
    pages.install(app, installed.lines)
    gate.install(app)
    looks.install(app)
    _mount_rooms(app)
    _mount_lines(app, installed.ready_lines)
    app.register_error_handler(HTTPException, error_page)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(Exception, _fault)
    app.teardown_appcontext(_keep_faults)
    app.teardown_appcontext(close_reading)  # the last one is the first to run
    refuse_open_routes(app, VERBS)
    refuse_open_hooks(HOOK_NAMES)
    return app


def _keep_faults(error: BaseException | None = None) -> None:
    """Write down what failed in lines during a request, once its own reading and writing are over."""
    shop = services()
    if fresh := shop.caller.take_fresh():
        with shop.store.write() as session:
            keep_faults(session, fresh, shop.clock.now())


def _propose_from(installed: Installed) -> Follow:
    """Let a correction become a proposal to the other open cases of that person."""

    def follow(ctx: Context, person_id: str, facts: Sequence[FactInput], case_id: str) -> None:
        propose(ctx, installed, person_id, facts, case_id)

    return follow


def create_web_app() -> Flask:
    """Make the application for a process that does nothing else."""
    app = create_app()
    settle()
    return app


def _configuration(settings: Settings, cookie_key: bytes) -> dict[str, Any]:
    return {
        "SECRET_KEY": cookie_key,
        "DEBUG": settings.debug,
        "WTF_CSRF_TIME_LIMIT": None,  # a form may stay open for a whole shift
        "WTF_CSRF_SSL_STRICT": False,  # the gate asks Sec-Fetch-Site, which proxies do not strip
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https:"),
        "SESSION_COOKIE_NAME": "workbench_form",
        "SEND_FILE_MAX_AGE_DEFAULT": 31536000,
        "MAX_CONTENT_LENGTH": MAX_UPLOAD,
        "MAX_FORM_MEMORY_SIZE": MAX_FORM,
        "MAX_FORM_PARTS": 5000,
        "TRUSTED_HOSTS": [
            "127.0.0.1",
            "localhost",
            "[::1]",
            settings.host,
            *settings.trusted_hosts,
            *_public_host(settings),
        ],
    }


def _public_host(settings: Settings) -> list[str]:
    host = urlsplit(settings.public_url).hostname
    return [host] if host else []


def _mount_rooms(app: Flask) -> None:
    for room in ROOMS:
        views = importlib.import_module(f"{__package__}.{room}.views")
        for blueprint in getattr(views, "blueprints", None) or [views.blueprint]:
            app.register_blueprint(blueprint)
        if contribute := getattr(views, "contribute", None):
            pages.contribute(app, contribute)
        if install := getattr(views, "install", None):
            install(app)


def _mount_lines(app: Flask, lines: tuple[Line, ...]) -> None:
    """Mount each line's own pages below /h/<hub>/<line>/, behind the line's gate.

    A line that cannot be mounted is broken, with its reason; the others stand.
    """
    line_pages.install()
    for line in lines:
        if line.manifest is None or not line.manifest.blueprint:
            continue
        module, _, name = line.manifest.blueprint.partition(":")
        mounted = f"line_{line.id}"
        try:
            blueprint = getattr(importlib.import_module(module), name)
            app.register_blueprint(blueprint, url_prefix=f"/h/<hub>/{line.id}", name=mounted)
            reason = _take_open_views_away(app, mounted)
            line_pages.guard_line(app, line, mounted)
        except (Exception, SystemExit) as error:
            reason = f"{line.manifest.blueprint}: its pages could not be mounted: {type(error).__name__}"
        if reason:
            log.warning("line %s: %s", line.id, reason)
            found: Services = app.extensions["workbench"]
            app.extensions["workbench"] = replace(found, installed=break_line(found.installed, line.id, reason))


def _take_open_views_away(app: Flask, mounted: str) -> str:
    """Put nothing in place of a line's views without a right that exists; gives the reason, "" when all have one."""
    named = []
    for endpoint, view in list(app.view_functions.items()):
        if endpoint.startswith(f"{mounted}.") and getattr(view, "permission", None) not in VERBS:
            named.append(endpoint.rpartition(".")[2])
            app.view_functions[endpoint] = permit("see")(_no_page)
    return f"its pages {', '.join(sorted(named))} declare no right that exists" if named else ""


def _no_page(**_: object) -> str:
    abort(404)


def _stale_form(error: CSRFError) -> Response:
    return stale_form_page()


def _fault(error: Exception) -> Response:
    """Answer an unexpected error with a code to quote; the log holds the place, never a person's data."""
    code = f"{id(error) & 0xFFFFFF:06X}"
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    log.error("fault %s: %s at %s", code, type(error).__name__, where)
    if g.get("raise_faults"):
        raise error
    return try_again_page(code) if left_nothing(error) else error_page(InternalServerError(), code)
