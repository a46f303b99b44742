"""Pages of document templates: which kinds there are, and one kind's template, tried before it counts."""

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from ..documents.kinds import Kind, load_kinds
from ..documents.print import draw
from ..documents.templates import change_template, newest, reset_template, sample, template_of
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, refused


@blueprint.get(f"{ROOT}/documents")
@permit("configure")
def documents(hub: str) -> Response:
    """List the kinds of documents, and which of them this hub has changed."""
    ctx = reading()
    rows = [{"kind": kind, "changed": newest(ctx, kind.key)} for kind in load_kinds().values()]
    return admin_page("documents.html", "documents", rows=rows)


def _kind(key: str) -> Kind:
    kind = load_kinds().get(key)
    if kind is None:
        abort(404)
    return kind


@blueprint.get(f"{ROOT}/documents/<key>")
@permit("configure")
def document(hub: str, key: str) -> Response:
    """Show the template of a kind."""
    return _page(_kind(key))


def _page(kind: Kind, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    return admin_page(
        "document.html",
        "documents",
        status=status,
        kind=kind,
        source=request.form.get("source") or template_of(ctx, kind.key),
        changed=newest(ctx, kind.key),
        wrong=refused(wrong) if wrong else "",
    )


@blueprint.post(f"{ROOT}/documents/<key>")
@permit("configure")
def change_document(hub: str, key: str) -> AnyResponse | Response:
    """Put a template in force, or go back to the one that ships."""
    kind = _kind(key)
    try:
        with writing() as ctx:
            if request.form.get("action") == "reset":
                reset_template(ctx, kind)
            else:
                change_template(ctx, kind, request.form.get("source", ""))
    except Problem as problem:
        return _page(kind, 422, problem)
    return go("document", _("From now on documents of this kind are printed so."), key=key)


@blueprint.get(f"{ROOT}/documents/<key>/sample.pdf")
@permit("configure")
def document_sample(hub: str, key: str) -> Response:
    """Print a sample about nobody, with the template in force."""
    ctx, kind = reading(), _kind(key)
    response = Response(draw(template_of(ctx, kind.key), sample(ctx, kind)), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="sample-{kind.code}.pdf"'
    return response
