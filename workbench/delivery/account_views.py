"""Pages of the accounts at platforms that know no single sign-on: a worker's own, and the hub's for its admin."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.manifest import PlatformManifest
from ..identity.vault import accounts_of, forget_account, keep_account
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .configure import platform_settings
from .decide import resend_all
from .sign_on import SETTING

blueprint = Blueprint("accounts", __name__, url_prefix="/h/<hub>")


@blueprint.get("/accounts")
@permit("rekey")
def own(hub: str) -> Response:
    """Show the worker's own accounts."""
    return _page("worker")


@blueprint.post("/accounts")
@permit("rekey")
def keep_own(hub: str) -> AnyResponse | Response:
    """Keep an account of the worker."""
    return _keep("worker")


@blueprint.post("/accounts/<account_id>/forget")
@permit("rekey")
def forget_own(hub: str, account_id: str) -> AnyResponse:
    """Forget an account of the worker."""
    return _forget("worker", account_id)


@blueprint.get("/hub-accounts")
@permit("configure")
def of_hub(hub: str) -> Response:
    """Show the hub's accounts."""
    return _page("hub")


@blueprint.post("/hub-accounts")
@permit("configure")
def keep_of_hub(hub: str) -> AnyResponse | Response:
    """Keep an account of the hub."""
    return _keep("hub")


@blueprint.post("/hub-accounts/<account_id>/forget")
@permit("configure")
def forget_of_hub(hub: str, account_id: str) -> AnyResponse:
    """Forget an account of the hub."""
    return _forget("hub", account_id)


#: Whose accounts a page shows -> its endpoints: show, keep, forget.
ENDPOINTS = {
    "worker": ("accounts.own", "accounts.keep_own", "accounts.forget_own"),
    "hub": ("accounts.of_hub", "accounts.keep_of_hub", "accounts.forget_of_hub"),
}


def _page(whose: str, wrong: Problem | None = None) -> Response:
    ctx, wanting = reading(), _wanting(whose)
    return page(
        "delivery/accounts.html",
        status=422 if wrong else 200,
        whose=whose,
        endpoints=ENDPOINTS[whose],
        platforms=[(one.id, bilingual(one.name_zh, one.name_en)) for one in wanting.values()],
        names={one.id: bilingual(one.name_zh, one.name_en) for one in wanting.values()},
        rows=accounts_of(ctx, worker_id=_worker_id(whose)),
        typed=request.form,
        errors={wrong.field: wrong.text(current_locale())} if wrong else {},
        words=_trouble_words(),
    )


def _keep(whose: str) -> AnyResponse | Response:
    form = request.form
    try:
        if form.get("platform_id") not in _wanting(whose):
            raise Problem("platform_missing", "请选择平台。", "Choose a platform.", field="platform_id")
        with writing() as ctx:
            keep_account(
                ctx,
                form["platform_id"],
                username=form.get("username", ""),
                secret=form.get("secret", ""),
                expires_on=_day(form),
                worker_id=_worker_id(whose),
            )
            resend_all(ctx, form["platform_id"], "credentials")
    except Problem as problem:
        return _page(whose, problem)
    flash(_("The account is kept. What waited for it goes now."), "success")
    return redirect(url_for(ENDPOINTS[whose][0], hub=g.hub.id), 303)


def _forget(whose: str, account_id: str) -> AnyResponse:
    with writing() as ctx:
        forget_account(ctx, account_id, worker_id=_worker_id(whose))
    flash(_("The account is forgotten."), "success")
    return redirect(url_for(ENDPOINTS[whose][0], hub=g.hub.id), 303)


def _worker_id(whose: str) -> str:
    return str(g.worker.id) if whose == "worker" else ""


def _wanting(whose: str) -> dict[str, PlatformManifest]:
    """Give the platforms whose settings ask for accounts of this kind."""
    ctx, shop = reading(), services()
    manifests = (platform.manifest for platform in shop.installed.platforms if platform.manifest)
    asked = (one for one in manifests if any(setting.key == SETTING for setting in one.settings))
    return {one.id: one for one in asked if platform_settings(ctx.session, one, shop.settings).get(SETTING) == whose}


def _day(form: Mapping[str, str]) -> date | None:
    text = form.get("expires_on", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        zh, en = "请按 2026-11-22 的格式填写日期。", "Write the day as 2026-11-22."
        raise Problem("day_wrong", zh, en, field="expires_on") from None


def _trouble_words() -> dict[str, str]:
    return {
        "soon": _("Ends soon: renew it at the platform, then here"),
        "over": _("Over: renew it at the platform, then here"),
        "refused": _("The platform refused it: type it again"),
    }
