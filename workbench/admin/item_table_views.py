"""Pages for items as tables: out as Excel or CSV; in with a look at every row, then drafts."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.item_words import coded, item_words, plain
from ..catalogue.loaded import catalogue
from ..catalogue.models import ItemTableRow
from ..exchange.read_table import LARGEST
from ..exchange.views import KINDS
from ..hubs.open_lines import open_lines
from ..staff.workers import name_workers
from ..store.ids import new_id
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, go
from .item_notes import beyond_words, empty_columns
from .item_table import (
    RowLook,
    column_words,
    get_table,
    list_tables,
    look,
    make_drafts,
    state_words,
    take_in,
    title_of,
    write_items,
)

PAGE = f"{ROOT}/item-tables"
#: Rows a page shows; the rest is counted.
MOST = 300
ORDER = ("refused", "changed", "drafted", "same")


@blueprint.get(PAGE)
@permit("configure")
def item_tables(hub: str) -> Response:
    """Ask what to hand out, take a table in, list what was sent in."""
    return _page("")


@blueprint.post(f"{PAGE}/out")
@permit("configure")
def export_items(hub: str) -> AnyResponse:
    """Hand out the items of one line, or of all lines that are open here."""
    kind, line_id = request.form.get("kind", ""), request.form.get("line", "")
    if kind not in KINDS:
        abort(400)
    with writing() as ctx:
        lines = [one.id for one in open_lines(ctx.session, ctx.hub, services().installed)]
        chosen = [line_id] if line_id in lines else lines
        items = catalogue(services().installed).at(ctx.hub.division, ctx.clock.today(), chosen)
        content = write_items(ctx, items, kind)
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="items-{hub}.{kind}"'
    return response


@blueprint.post(PAGE)
@permit("configure")
def take_item_table(hub: str) -> AnyResponse:
    """Take a table in; sent twice it stands once."""
    sent = request.files.get("file")
    content = sent.stream.read(LARGEST + 1) if sent else b""
    if not content or sent is None:
        return _page(_("Choose a file."), 422)
    try:
        with writing() as ctx:
            table_id = take_in(ctx, sent.filename or "table", content, key=_key()).id
    except Problem as problem:
        return _page(problem.text(current_locale()), 422)
    return redirect(url_for("admin.item_table", hub=hub, table_id=table_id), 303)


@blueprint.get(f"{PAGE}/<table_id>")
@permit("configure")
def item_table(hub: str, table_id: str) -> Response:
    """Show how every row of a table stands now."""
    return _look_page(table_id, "", "")


@blueprint.post(f"{PAGE}/<table_id>/drafts")
@permit("configure")
def draft_item_table(hub: str, table_id: str) -> AnyResponse:
    """Make the drafts of a table; a second click makes none."""
    reason = request.form.get("reason", "")
    try:
        with writing() as ctx:
            table = get_table(ctx, table_id, lock=True) or abort(404)
            made = make_drafts(ctx, catalogue(services().installed), table, reason)
    except Problem as problem:
        close_reading()
        return _look_page(table_id, reason, problem.text(current_locale()))
    if not made:
        return go("item_table", table_id=table_id)
    words = ngettext(
        "{count} draft is made. Somebody else has to publish it.",
        "{count} drafts are made. Somebody else has to publish them.",
        made,
    )
    return go("items", words)


def _key() -> str:
    key = request.form.get("key", "")
    return key if len(key) == len(new_id()) and key.isalnum() else new_id()


def _page(error: str, status: int = 200) -> Response:
    ctx = reading()
    tables = list_tables(ctx)
    lines = open_lines(ctx.session, ctx.hub, services().installed)
    return admin_page(
        "item_tables.html",
        "items",
        status=status,
        lines=[("all", _("All lines that are open here"))]
        + [(one.id, bilingual(one.name_zh, one.name_en)) for one in lines],
        tables=tables,
        names=name_workers(ctx.session, {table.made_by for table in tables}),
        beyond=beyond_words(),
        empty=empty_columns(),
        error=error,
        problem=bool(error),
        key=new_id(),
    )


def _look_page(table_id: str, reason: str, error: str) -> Response:
    ctx = reading()
    table = get_table(ctx, table_id) or abort(404)
    seen = look(ctx, catalogue(services().installed), table)
    rows = sorted(seen.rows, key=lambda row: (ORDER.index(row.state), row.number))
    words = state_words()
    return admin_page(
        "item_table.html",
        "items",
        status=422 if error else 200,
        table=table,
        by=name_workers(ctx.session, {table.made_by}).get(table.made_by, "—"),
        counts=[(words[state], seen.counts[state]) for state in ORDER if state in seen.counts],
        to_draft=seen.counts.get("changed", 0) if table.state == "looked" else 0,
        left_out=[(column_words(name), count) for name, count in seen.left_out.items()],
        rows=[_draw(row, words, table) for row in rows[:MOST]],
        more=len(rows) - MOST,
        reason=reason,
        error=error,
        problem=bool(error),
    )


def _draw(row: RowLook, words: dict[str, str], table: ItemTableRow) -> dict[str, Any]:
    locale = current_locale()
    return {
        "number": row.number,
        "code": row.code,
        "title": title_of(row),
        "url": url_for("admin.item", hub=table.hub_id, code=row.code) if row.item else "",
        "state": row.state,
        "word": words[row.state],
        "changes": [_change(row, part, value) for part, value in row.changes.items()],
        "problems": [(column_words(name), problem.text(locale)) for name, problem in row.problems.items()],
    }


def _change(row: RowLook, part: str, value: Any) -> dict[str, str]:
    was = plain(row.item.manifest, part) if row.item else None
    name = bilingual(*item_words()[part])
    return {"name": name, "was": _text(part, was), "now": _text(part, value)}


def _text(part: str, value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return "" if value is None else coded(part, str(value), current_locale())
