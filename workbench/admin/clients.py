"""Pages of the departments' screens that are signed on from here: register one, its secret once, change it, end it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from ..identity import clients as screens
from ..identity.frame import site
from ..identity.signing_keys import rotate_keys
from ..identity.way_out_models import ClientRow
from ..store.problems import Problems
from ..web.acting import reading, writing
from ..web.language import _, bilingual, current_locale
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, go

PAGE = f"{ROOT}/clients"


@blueprint.get(PAGE)
@permit("system")
def clients(hub: str) -> Response:
    """List the registered screens."""
    return admin_page(
        "clients.html",
        "clients",
        rows=screens.clients_of(reading().session),
        platforms=_platforms(),
        origin=site().origin,
    )


@blueprint.get(f"{PAGE}/<client_id>")
@permit("system")
def client(hub: str, client_id: str) -> Response:
    """Show one screen's registration, or the form of a new one."""
    row = _found(client_id)
    return _form(row, row.model_dump() if row else {})


@blueprint.post(f"{PAGE}/<client_id>")
@permit("system")
def save_client(hub: str, client_id: str) -> AnyResponse | Response:
    """Register a screen and show its secret, or change what was registered."""
    row = _found(client_id)
    try:
        with writing() as ctx:
            if row is None:
                made, secret = screens.register_client(ctx, request.form)
                made_id, name = made.id, made.name
            else:
                screens.change_client(ctx, row.id, request.form)
    except Problems as wrong:
        return _form(row, request.form, {one.field: one.text(current_locale()) for one in wrong.problems})
    return _secret_page(made_id, name, secret) if row is None else go("clients", _("The registration is changed."))


@blueprint.post(f"{PAGE}/<client_id>/secret")
@permit("system")
def renew_secret(hub: str, client_id: str) -> Response:
    """Replace a screen's secret and show the new one, this once."""
    row = _found(client_id) or abort(404)
    with writing() as ctx:
        _row, secret = screens.new_secret(ctx, row.id)
    return _secret_page(row.id, row.name, secret)


@blueprint.post(f"{PAGE}/<client_id>/end")
@permit("system")
def end_client(hub: str, client_id: str) -> AnyResponse:
    """Sign a screen on no more."""
    row = _found(client_id) or abort(404)
    with writing() as ctx:
        screens.end_client(ctx, row.id)
    return go("clients", _("The screen is signed on no more; its tokens count for nothing from now on."))


@blueprint.post(f"{ROOT}/signing-key")
@permit("system")
def new_key(hub: str) -> AnyResponse:
    """Let a new key sign from now on."""
    with writing() as ctx:
        rotate_keys(ctx)
    return go("clients", _("A new key signs from now on. Screens fetch it by themselves."))


def _form(row: ClientRow | None, typed: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> Response:
    return admin_page(
        "client.html",
        "clients",
        status=422 if errors else 200,
        row=row,
        typed=typed,
        errors=errors or {},
        platforms=[("", _("none of these")), *_platforms().items()],
        origin=site().origin,
    )


def _secret_page(client_id: str, name: str, secret: str) -> Response:
    return admin_page(
        "client_secret.html", "clients", client_id=client_id, name=name, secret=secret, origin=site().origin
    )


def _platforms() -> dict[str, str]:
    manifests = (platform.manifest for platform in services().installed.platforms)
    return {one.id: bilingual(one.name_zh, one.name_en) for one in manifests if one}


def _found(client_id: str) -> ClientRow | None:
    return None if client_id == "new" else reading().session.get(ClientRow, client_id) or abort(404)
