"""Pages for those who run the workbench: /healthz, /readyz, /metrics, and the style page of a debug installation."""

import ipaddress
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from ..identity.tokens import allows, find_token
from ..web.acting import reading
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from ..web.services import services
from . import measure
from .ready import Judge

blueprint = Blueprint("service", __name__)


def install(app: Flask) -> None:
    """Measure requests, and keep what is known of the migrations."""
    shop = app.extensions["workbench"]
    app.extensions["workbench.ready"] = Judge(shop.store, shop.installed.ready_lines)
    measure.install(app)


@blueprint.get("/healthz")
@permit(PUBLIC)
def healthz() -> Response:
    """Say that the process lives; asks nobody."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@permit(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Say whether requests can be served: 200, or 503 with what is missing."""
    judge: Judge = current_app.extensions["workbench.ready"]
    found = judge.judge(services().clock.now())
    answer: dict[str, Any] = {
        "status": "ready" if found.is_ready else "not ready",
        "database": found.database,
        "migrations_behind": list(found.behind),
        "worker_seen_seconds": None if found.worker_seconds is None else round(found.worker_seconds, 1),
    }
    return jsonify(answer), 200 if found.is_ready else 503


@blueprint.get("/metrics")
@permit(PUBLIC)
def metrics() -> Response:
    """Give the figures to this machine, or to whoever holds a token for them; to others there is no such page."""
    if not _may_measure():
        abort(404)
    text = measure.write_metrics(reading().session, services().clock.now())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _may_measure() -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        row = find_token(reading().session, token.strip(), services().clock.now())
        return row is not None and allows(row, "metrics")
    # A proxy on this machine also comes from a loopback address; then somebody else is asking.
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@blueprint.get("/style")
@permit(PUBLIC)
def style() -> Response:
    """Show every token and macro, in a debug installation."""
    if not services().settings.debug:
        abort(404)
    return page("style.html")
