"""Pages of documents: what may be printed of a case and what was, the PDF itself, the seal, the hub's register."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.manifest import ItemManifest
from ..cases.find import get_case
from ..cases.look import item_of
from ..cases.models import CaseRow
from ..cases.moves import refuse_erased
from ..cases.screen import draw_person, person_url
from ..identity.audit import record
from ..identity.filter_views import kept_filters
from ..identity.may import may
from ..people.view import identity_bar
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .content import read_scene, what_is_so
from .kinds import Kind, kinds_for, load_asks, load_kinds
from .models import DocumentRow
from .register import Printed, find_document, print_again, print_document, record_seal, register_of

blueprint = Blueprint("documents", __name__, url_prefix="/h/<hub>")
PAGE = 50


def _find(ctx: Context, case_id: str, *, lock: bool = False) -> tuple[CaseRow, ItemManifest]:
    """Give a case of the hub with its item; a form that is not accepted is its worker's alone."""
    case = get_case(ctx, case_id, lock=lock)
    if case is None or (case.case_no is None and (case.state != "draft" or case.owner_id != ctx.actor.id)):
        abort(404)
    if not may(ctx.actor, "see", case.line_id):
        abort(403)
    item = item_of(ctx, services().installed, case)
    if item is None:
        abort(404)
    return case, item


@blueprint.get("/cases/<case_id>/documents")
@permit("see")
def documents(hub: str, case_id: str) -> Response:
    """Show what may be printed of a case, and what was."""
    return _page(case_id)


def _page(case_id: str, status: int = 200, wrong: dict[str, str] | None = None, general: str = "") -> Response:
    ctx = reading()
    case, item = _find(ctx, case_id)
    with writing() as trail:
        record(trail, "case.documents", person_id=case.person_id, subject=f"case:{case.id}", purpose=item.purpose)
    scene = read_scene(ctx, case, item, {})
    kinds = kinds_for(case.state, what_is_so(scene))
    return page(
        "documents/case.html",
        status=status,
        case=case,
        title=bilingual(case.title_zh, case.title_en),
        person=draw_person(identity_bar(ctx, case.person_id, citywide=True)),
        person_url=person_url(ctx.hub.id, case.person_id),
        kinds=[_draw_kind(kind) for kind in kinds],
        printed=[_draw_printed(one) for one in register_of(ctx, case_id=case.id)],
        may_print=may(ctx.actor, "accept", case.line_id) or may(ctx.actor, "review", case.line_id),
        wrong=wrong or {},
        general=general,
        typed=request.form,
        done=_done_words(request.args.get("done", "")),
        fresh=request.args.get("fresh", ""),
    )


def _draw_kind(kind: Kind) -> dict[str, Any]:
    asks = [load_asks()[key] for key in kind.asks]
    return {
        "key": kind.key,
        "title": bilingual(kind.zh, kind.en),
        "code": kind.code,
        "print_key": new_id(),
        "asks": [{"name": ask.key, "label": bilingual(ask.zh, ask.en), "required": ask.required} for ask in asks],
    }


def _draw_printed(one: Printed) -> dict[str, Any]:
    kind = load_kinds()[one.kind]
    seals = ngettext("sealed {count} time", "sealed {count} times", one.seals) if one.seals else ""
    return {"one": one, "title": bilingual(kind.zh, kind.en), "at": moment(one.at), "seals": seals}


def _done_words(action: str) -> str:
    return {"print": _("The document is in the register."), "seal": _("The use of the seal is noted.")}.get(action, "")


@blueprint.post("/cases/<case_id>/documents")
@permit("see")
def make(hub: str, case_id: str) -> AnyResponse | Response:
    """Print one document into the register; pressing twice prints it once."""
    kind = load_kinds().get(request.form.get("kind", ""))
    key = request.form.get("key", "")
    if kind is None or len(key) != 26 or not key.isalnum():
        abort(404)
    try:
        with writing() as ctx:
            case, item = _find(ctx, case_id, lock=True)
            if not (may(ctx.actor, "accept", case.line_id) or may(ctx.actor, "review", case.line_id)):
                abort(403)
            refuse_erased(case)
            _refuse_unfit(ctx, case, item, kind)
            row = print_document(ctx, case, item, kind, _typed(kind), key=key)
            document_id = row.id
    except Problems as several:
        close_reading()
        locale = current_locale()
        return _page(case_id, 422, {f"{kind.key}-{one.field}": one.text(locale) for one in several.problems})
    except Problem as problem:
        close_reading()
        return _page(case_id, 409, general=problem.text(current_locale()))
    return redirect(url_for("documents.documents", hub=hub, case_id=case_id, done="print", fresh=document_id), 303)


def _typed(kind: Kind) -> dict[str, str]:
    return {name: request.form.get(f"{kind.key}-{name}", "") for name in kind.asks}


def _refuse_unfit(ctx: Context, case: CaseRow, item: ItemManifest, kind: Kind) -> None:
    if kind not in kinds_for(case.state, what_is_so(read_scene(ctx, case, item, {}))):
        zh = "办件现在的状态不能打印这种文书，请查看最新进度。"
        en = "This document does not fit the case as it stands now; look at where it stands."
        raise Problem("document_unfit", zh, en)


@blueprint.get("/documents/<document_id>.pdf")
@permit("see")
def pdf(hub: str, document_id: str) -> Response:
    """Give a document of the register as PDF; who took it is written down."""
    row, case = _document(reading(), document_id)
    if row.data is None:
        abort(404)  # erased with its case
    with writing() as ctx:
        content = print_again(ctx, row, case)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return response


def _document(ctx: Context, document_id: str) -> tuple[DocumentRow, CaseRow]:
    row = find_document(ctx, document_id)
    if row is None:
        abort(404)
    case = ctx.session.get_one(CaseRow, row.case_id)
    if not may(ctx.actor, "see", case.line_id):
        abort(403)
    return row, case


@blueprint.post("/documents/<document_id>/seal")
@permit("see")
def seal(hub: str, document_id: str) -> AnyResponse | Response:
    """Write down that a seal was set."""
    copies = request.form.get(f"copies-{document_id}", "")
    case_id = ""
    try:
        with writing() as ctx:
            row, case = _document(ctx, document_id)
            case_id = case.id
            count = int(copies) if copies.isascii() and copies.isdigit() else 0
            record_seal(ctx, row, case, seal=request.form.get(f"seal-{document_id}", ""), copies=count)
    except Problem as problem:
        close_reading()
        return _page(case_id, 422, {f"{problem.field}-{document_id}": problem.text(current_locale())})
    return redirect(url_for("documents.documents", hub=hub, case_id=case_id, done="seal"), 303)


@blueprint.get("/documents")
@permit("see")
def register(hub: str) -> Response:
    """Show what was printed at the hub, newest first."""
    ctx = reading()
    kind, before = request.args.get("kind", ""), request.args.get("before", "")[:26]
    lines = register_of(ctx, kind=kind if kind in load_kinds() else "", before=before, limit=PAGE + 1)
    with writing() as trail:
        record(trail, "document.register", subject=f"hub:{ctx.hub.id}")
    more = lines[PAGE - 1].id if len(lines) > PAGE else ""
    return page(
        "documents/register.html",
        rows=[_draw_printed(one) for one in lines[:PAGE]],
        kinds=[("", _("All kinds")), *[(one.key, bilingual(one.zh, one.en)) for one in load_kinds().values()]],
        kind=kind,
        kept=kept_filters(ctx, "documents.register", kind=kind),
        next_url=url_for("documents.register", hub=hub, kind=kind or None, before=more) if more else "",
        is_first=not before,
    )
