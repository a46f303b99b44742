"""Pages of the platforms: how each is, a look now; the system admin sets what all hubs share, and holds sending."""

from flask import Response, abort, g, request
from werkzeug.wrappers import Response as AnyResponse

from ..api.manifest import PlatformManifest
from ..delivery.configure import WrongSettings, ask_for_check, pause_platform, save_settings, save_staging
from ..delivery.restored import NotCompared
from ..host.discover import Platform
from ..identity.audit import record
from ..identity.may import may
from ..web.acting import reading, writing
from ..web.language import _
from ..web.permit import permit
from ..web.services import services
from .board import advice, board, worker_seen
from .frame import ROOT, admin_page, blueprint, go
from .settings_form import STAGING, problem_words, read_settings, setting_fields, staging_fields

PAGE = f"{ROOT}/platforms/<platform_id>"


@blueprint.get(f"{ROOT}/platforms")
@permit("configure")
def platforms(hub: str) -> Response:
    """List all installed platforms with how they are and what waits."""
    ctx = reading()
    standings = board(ctx.session, services().installed)
    return admin_page(
        "platforms.html",
        "platforms",
        block="board",
        standings=standings,
        way_words=way_words(),
        worker_seen=worker_seen(ctx.session),
        now=ctx.clock.now(),
    )


@blueprint.get(PAGE)
@permit("configure")
def platform(hub: str, platform_id: str) -> Response:
    """Show one platform: how it is, what to do, its settings."""
    return _one(_platform_or_404(platform_id))


@blueprint.post(PAGE)
@permit("system")
def save(hub: str, platform_id: str) -> AnyResponse | Response:
    """Save a platform's settings, which all hubs share, or say beside each field what is wrong."""
    found = _platform_or_404(platform_id)
    manifest = _manifest_or_404(found)
    typed = read_settings(manifest, request.form)
    try:
        with writing() as ctx:
            save_settings(ctx, manifest, typed)
    except WrongSettings as wrong:
        return _one(found, typed, {key: problem_words(why) for key, why in wrong.problems.items()})
    text = _("The settings are saved. The platform is looked at with them at once.")
    return go("platform", text, platform_id=platform_id)


@blueprint.post(f"{PAGE}/staging")
@permit("system")
def stage(hub: str, platform_id: str) -> AnyResponse | Response:
    """Save what reaches a platform's trial system, for rehearsals; all left blank, there is none."""
    found = _platform_or_404(platform_id)
    manifest = _manifest_or_404(found)
    typed = {one.key: request.form.get(f"{STAGING}{one.key}", "") for one in manifest.settings}
    try:
        with writing() as ctx:
            save_staging(ctx, manifest, typed)
    except WrongSettings as wrong:
        errors = {f"{STAGING}{key}": problem_words(why) for key, why in wrong.problems.items()}
        return _one(found, errors=errors, staged=typed)
    return go("platform", _("The trial address is saved. Rehearsals go there."), platform_id=platform_id)


@blueprint.post(f"{PAGE}/check")
@permit("configure")
def check(hub: str, platform_id: str) -> AnyResponse:
    """Have the worker process look at a platform now; the page shows the result as soon as it is there."""
    found = _platform_or_404(platform_id)
    with writing() as ctx:
        ask_for_check(ctx, found.id)
        record(ctx, "platform.check", subject=f"platform:{found.id}")
    return go("platform", platform_id=platform_id)


@blueprint.post(f"{PAGE}/pause")
@permit("system")
def pause(hub: str, platform_id: str) -> AnyResponse:
    """Hold sending to a platform for all hubs, or let it go on."""
    found, holds = _platform_or_404(platform_id), request.form.get("hold") == "yes"
    try:
        with writing() as ctx:
            pause_platform(ctx, found.id, is_paused=holds, platform=found.manifest)
    except NotCompared:
        text = _("A backup was put back. Wait until the books are compared, then look at the differences first.")
        return go("platform", text, "error", platform_id=platform_id)
    held = _("Sending is held. Accepting goes on; parcels wait until you let sending go on.")
    text = held if holds else _("Sending goes on.")
    return go("platform", text, platform_id=platform_id)


def _one(
    found: Platform,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    staged: dict[str, str] | None = None,
) -> Response:
    ctx, shop, manifest = reading(), services(), found.manifest
    standing = next(one for one in board(ctx.session, shop.installed) if one.platform.id == found.id)
    drawn = setting_fields(ctx.session, manifest, shop.settings, typed=typed, errors=errors) if manifest else []
    trial = staging_fields(ctx.session, manifest, staged, errors) if manifest else []
    return admin_page(
        "platform.html",
        "platforms",
        block="standing",
        status=422 if errors else 200,
        standing=standing,
        advice=advice(standing),
        fields=drawn,
        trial=trial,
        may_set=may(g.worker, "system"),
        errors=errors or {},
        way_words=way_words(),
        worker_seen=worker_seen(ctx.session),
        now=ctx.clock.now(),
    )


def way_words() -> dict[str, str]:
    """Name the ways platforms are reached."""
    return {
        "rest": _("Interface (REST)"),
        "soap": _("Interface (SOAP)"),
        "sftp": _("Files by SFTP"),
        "exchange_db": _("Exchange database"),
        "web_form": _("Its web pages, by robot"),
        "rekey": _("Typed in by a worker"),
    }


def _platform_or_404(platform_id: str) -> Platform:
    return services().installed.platform(platform_id) or abort(404)


def _manifest_or_404(found: Platform) -> PlatformManifest:
    return found.manifest or abort(404)
