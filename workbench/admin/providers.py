"""Pages of the OpenID providers workers sign on with: list, one provider's form, a look whether it answers."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.discovery import ProviderDown, ProviderTrouble, discover
from ..identity.frame import site
from ..identity.providers import all_providers, save_provider
from ..identity.way_in_models import ProviderRow
from ..store.problems import Problems
from ..web.acting import reading, writing
from ..web.language import _, current_locale
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go

PAGE = f"{ROOT}/providers"
NEW: dict[str, Any] = {
    "scopes": "openid profile", "link_rule": "refuse", "username_claim": "preferred_username", "name_claim": "name",
    "is_open": True, "is_only_way": False,
}  # fmt: skip


@blueprint.get(PAGE)
@permit("system")
def providers(hub: str) -> Response:
    """List the providers."""
    return admin_page("providers.html", "providers", rows=all_providers(reading().session))


@blueprint.get(f"{PAGE}/<provider_id>")
@permit("system")
def provider(hub: str, provider_id: str) -> Response:
    """Show one provider's settings, or the form of a new one."""
    row = _found(provider_id)
    return _form(row, _held(row) if row else NEW)


@blueprint.post(f"{PAGE}/<provider_id>")
@permit("system")
def save_one(hub: str, provider_id: str) -> AnyResponse | Response:
    """Save a provider and say whether it answers."""
    row = _found(provider_id)
    try:
        with writing() as ctx:
            saved = save_provider(ctx, row.id if row else "", request.form)
            issuer = saved.issuer
    except Problems as wrong:
        typed = request.form.to_dict() | {key: request.form.get(key) == "true" for key in ("is_open", "is_only_way")}
        return _form(row, typed, {problem.field: problem.text(current_locale()) for problem in wrong.problems})
    return go("providers", *_look(issuer))


def _look(issuer: str) -> tuple[str, str]:
    try:
        discover(issuer, fresh=True)
    except ProviderDown:
        return _("Saved, but the provider does not answer. Look at its address and at the network."), "error"
    except ProviderTrouble:
        return _("Saved, but the provider answers something that cannot be used. Look at its address."), "error"
    return _("Saved. The provider answers."), "success"


def _form(row: ProviderRow | None, typed: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> Response:
    back = ""
    if row is not None:
        back = site().origin + url_for("identity.come_back", provider_id=row.id)
    return admin_page(
        "provider.html",
        "providers",
        status=422 if errors else 200,
        row=row,
        typed=typed,
        errors=errors or {},
        origin=site().origin,
        back=back,
        notice=site().origin + url_for("provider_notices.signed_out", provider_id=row.id) if row else "",
        rules=[
            ("refuse", _("Only accounts that were linked by their worker")),
            ("link", _("Link the account with the same username")),
            ("create", _("Link the account with the same username, or make a new one")),
        ],
    )


def _found(provider_id: str) -> ProviderRow | None:
    return None if provider_id == "new" else reading().session.get(ProviderRow, provider_id) or abort(404)


def _held(row: ProviderRow) -> dict[str, Any]:
    lines = "\n".join(f"{value} = {grant}" for value, grant in row.role_map.items())
    return row.model_dump(exclude={"client_secret"}) | {"role_map": lines}
