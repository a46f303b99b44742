"""Where departments' systems report by themselves. Each proves who it is in the way its own codec can check.

What is not proven is answered 401 and leaves no message, only a line in the log and now and then one in the
trail. What is proven is kept in one transaction before it is answered, and may come again.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, request

from ..api.errors import AdapterError
from ..api.manifest import PlatformManifest
from ..api.nouns import Worker
from ..api.parcels import Outcome
from ..delivery.configure import platform_settings
from ..delivery.outcomes import keep
from ..host.discover import Platform
from ..identity.audit import record
from ..web.acting import reading, writing
from ..web.permit import TOKEN, permit
from ..web.services import services
from .problems import refuse_fault, refuse_request

log = logging.getLogger(__name__)
LARGEST = 256 * 1024
SECRET = "callback_secret"  # noqa: S105 - the name of a setting
#: Seconds between two refusals of one platform that enter the trail, so that a flood cannot fill it.
SELDOM = 60.0
Verify = Callable[[Mapping[str, str], bytes, str, datetime], tuple[Outcome, ...]]

blueprint = Blueprint("callbacks", __name__, url_prefix="/callbacks")
for _status in (404, 405, 413):
    blueprint.register_error_handler(_status, refuse_request)
blueprint.register_error_handler(Exception, refuse_fault)


@blueprint.post("/<platform_id>")
@permit(TOKEN)
def take(platform_id: str) -> Response:
    """Take a call-back of a department's system."""
    manifest, verify = _find(platform_id)
    g.worker = Worker(f"platform:{manifest.id}", manifest.id, manifest.name_zh)
    request.max_content_length = LARGEST
    body = request.get_data()
    secret = str(platform_settings(reading().session, manifest, services().settings).get(SECRET) or "")
    try:
        if not secret:
            raise AdapterError("no call-back secret is set")
        outcomes = verify(dict(request.headers), body, secret, services().clock.now())
    except AdapterError as error:
        return _refuse(manifest.id, error)
    _keep(manifest.id, outcomes)
    return Response(status=204)


def _find(platform_id: str) -> tuple[PlatformManifest, Verify]:
    """Give a platform that can prove its call-backs; all others have no such address."""
    platform: Platform | None = services().installed.platform(platform_id)
    if platform is None or platform.state != "ready" or platform.manifest is None:
        abort(404)
    verify: Any = getattr(platform.codec, "verify_callback", None)
    if verify is None:
        abort(404)
    return platform.manifest, verify


def _keep(platform_id: str, outcomes: tuple[Outcome, ...]) -> None:
    with writing() as ctx:
        fresh = keep(ctx.session, platform_id, outcomes, ctx.clock.now())
    log.info("call-back of %s: %d messages, %d new", platform_id, len(outcomes), fresh)


def _refuse(platform_id: str, error: AdapterError) -> Response:
    """Refuse without saying why: the log and the trail know."""
    log.warning("call-back of %s refused: %s", platform_id, error.text)
    told: dict[str, float] = current_app.extensions.setdefault("workbench.refused_callbacks", {})
    if time.monotonic() - told.get(platform_id, -SELDOM) >= SELDOM:
        told[platform_id] = time.monotonic()
        with writing() as ctx:
            record(ctx, "callback.refused", subject=f"platform:{platform_id}", detail={"why": error.text[:200]})
    return Response(status=401)
