"""What is left of a sitting: one receipt for all that was filed, and one page that follows every part of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, g, url_for
from sqlmodel import col, select

from ..cases.models import CaseMaterialRow, CaseRow
from ..cases.who_came import came_words
from ..catalogue.freeze import frozen_item
from ..catalogue.loaded import catalogue
from ..delivery.models import PayloadRow
from ..delivery.standing import read_standings_together
from ..hubs.models import HubRow
from ..identity.audit import record
from ..identity.may import may
from ..identity.seen import shows
from ..people.view import identity_bar
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.filters import day, moment
from ..web.htmx import is_htmx
from ..web.language import _, bilingual, current_locale
from ..web.live import is_seen, mark_of, marked, unchanged
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .materials import Standing
from .materials_together import owner_in
from .paper_views import paper_frame, state_words
from .papers.print import make_pdf, qr_svg
from .rate_code import on_paper, rating_url
from .sitting import Sitting, read_sitting
from .sitting_views import judge
from .together_screen import draw_parts

blueprint = Blueprint("sitting_papers", __name__, url_prefix="/h/<hub>/sittings/<sitting_id>")

SOON, LATER = 5, 20


def _find(ctx: Context, sitting_id: str) -> Sitting:
    """Give a sitting of the hub; whoever did not hold it sees the matters of the lines they may see."""
    sitting = read_sitting(ctx, sitting_id, anybody=True)
    if sitting is None:
        abort(404)
    sitting.filed = [case for case in sitting.filed if may(ctx.actor, "see", case.line_id)]
    if not sitting.filed and not sitting.parts:
        abort(404)
    return sitting


@blueprint.get("")
@permit("see")
def follow(hub: str, sitting_id: str) -> Response:
    """Follow all parts of a sitting; asks again by itself while something moves."""
    ctx = reading()
    sitting = _find(ctx, sitting_id)
    rows, is_moving = _filed_rows(ctx, sitting)
    parts = draw_parts(sitting, judge(ctx, sitting)) if sitting.parts else []
    mark = mark_of((rows, parts))
    shown: dict[str, Any] = {
        "sitting_id": sitting_id,
        "person": identity_bar(ctx, sitting.host.id, citywide=True),
        "rows": rows,
        "parts": parts,
        "mark": mark,
        "seconds": SOON if is_moving else LATER,
    }
    if is_htmx():
        return unchanged(mark) if is_seen(mark) else marked(page("reception/sitting.html", "progress", **shown), mark)
    with writing() as trail:
        record(trail, "sitting.look", person_id=sitting.host.id, subject=f"sitting:{sitting.id}", purpose="reception")
    return page("reception/sitting.html", **shown)


def _filed_rows(ctx: Context, sitting: Sitting) -> tuple[list[dict[str, Any]], bool]:
    shop = services()
    standings = read_standings_together(ctx.session, [case.id for case in sitting.filed], shop.installed)
    rows = []
    for case in sitting.filed:
        deliveries = standings.get(case.id, [])
        rows.append(
            {
                "id": case.id,
                "url": url_for("cases.case", hub=ctx.hub.id, case_id=case.id),
                "title": bilingual(case.title_zh, case.title_en),
                "person": sitting.people[case.person_id].name,
                "number": case.case_no,
                "reference": case.reference,
                "state": {"granted": "granted", "refused": "denied"}.get(case.result, case.state),
                "due": day(case.due_on),
                "deliveries": [
                    {
                        "name": bilingual(one.name_zh, one.name_en),
                        "state": one.state,
                        "words": bilingual(one.text_zh, one.text_en),
                        "since": moment(one.since),
                        "next_try": moment(one.next_try) if one.next_try else "",
                    }
                    for one in deliveries
                ],
            }
        )
    return rows, any(one.is_moving for found in standings.values() for one in found)


@blueprint.get("/receipt")
@permit("accept")
def receipt(hub: str, sitting_id: str) -> Response:
    """Show the one receipt of a sitting."""
    ctx = reading()
    sitting = _find(ctx, sitting_id)
    shows(sitting.host.id)
    shown = _receipt(ctx, sitting) | {"rate_url": rating_url(ctx, sitting.id)}
    return page("reception/sitting_receipt.html", sitting_id=sitting_id, sitting=sitting, **shown)


@blueprint.get("/receipt.pdf")
@permit("accept")
def receipt_pdf(hub: str, sitting_id: str) -> Response:
    """Print the one receipt of a sitting."""
    ctx = reading()
    sitting = _find(ctx, sitting_id)
    data = _receipt(ctx, sitting) | {"qr": qr_svg(_qr_text(sitting))} | on_paper(ctx, sitting.id)
    with writing() as trail:
        record(trail, "print.receipt", person_id=sitting.host.id, subject=f"sitting:{sitting.id}")
    response = Response(make_pdf("sitting", data), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="receipt-{sitting.id}.pdf"'
    return response


@blueprint.get("/qr.svg")
@permit("accept")
def qr(hub: str, sitting_id: str) -> Response:
    """Draw the QR code of all numbers."""
    return Response(qr_svg(_qr_text(_find(reading(), sitting_id))), mimetype="image/svg+xml")


@blueprint.get("/rate.svg")
@permit("accept")
def rate_qr(hub: str, sitting_id: str) -> Response:
    """Draw the QR code that leads to the rating of the visit."""
    ctx = reading()
    return Response(qr_svg(rating_url(ctx, _find(ctx, sitting_id).id)), mimetype="image/svg+xml")


def _qr_text(sitting: Sitting) -> str:
    """What the QR code says: the numbers alone; nothing about a person."""
    return "\n".join(case.case_no or "" for case in sitting.filed) or sitting.id


def _receipt(ctx: Context, sitting: Sitting) -> dict[str, Any]:
    hub = ctx.session.get_one(HubRow, ctx.hub.id)
    left = draw_parts(sitting, judge(ctx, sitting)) if sitting.parts else []
    materials, late = _materials(ctx, sitting)
    following = [_("Each department answers by itself; this page of the hub follows all of them.")]
    following += [_("Still to be supplied by {day}: {name}", day=day(when), name=name) for name, when in late]
    return {
        **paper_frame(ctx),
        "title": _("Receipt of acceptance"),
        "number": "",
        "rows": [
            [_("At the table"), f"{sitting.host.name}  {sitting.host.id_masked}"],
            [_("Who came"), _came_words(ctx, sitting)],
            [_("Worker"), g.worker.name],
            [_("Matters accepted"), str(len(sitting.filed))],
        ],
        "matters_title": _("Numbers"),
        "matters_head": [_("Matter"), _("Case number"), _("Answer by")],
        "matters": [_matter_row(sitting, case) for case in sitting.filed],
        "materials_title": _("Materials"),
        "materials": materials,
        "left_title": _("Not accepted yet"),
        "left": [[part["title"], why_words(part)] for part in left],
        "next_title": _("What happens next"),
        "next": following,
        "foot": _(
            "Ask about your matter at {hub}, {hours}. {phone}",
            hub=bilingual(hub.name_zh, hub.name_en),
            hours=f"{hub.opens}–{hub.closes}",
            phone=hub.phone,
        ),
    }


def _came_words(ctx: Context, sitting: Sitting) -> str:
    """Say who came: the one at the table, or somebody by an authority for them. One query."""
    own = [case.payload_id for case in sitting.filed if case.person_id == sitting.host.id and case.payload_id]
    query = select(PayloadRow.content).where(col(PayloadRow.id).in_(own))
    came = next((found for content in ctx.session.exec(query) if (found := (content or {}).get("came"))), None)
    return came_words(came, current_locale())


def _matter_row(sitting: Sitting, case: CaseRow) -> list[str]:
    return [_matter(sitting, case), case.case_no or "", day(case.due_on) or _("no fixed limit")]


def _matter(sitting: Sitting, case: CaseRow) -> str:
    title = bilingual(case.title_zh, case.title_en)
    return title if case.person_id == sitting.host.id else f"{title} ({sitting.people[case.person_id].name})"


def why_words(part: Mapping[str, Any]) -> str:
    """Say in one line why a matter is not filed, and so what is still missing."""
    if part["stopped"]:
        return str(part["stopped"])
    reasons = [text for _anchor, text in part["problems"]]
    reasons += [_("Bring: {name}", name=name) for name in part["missing"]]
    reasons += [_("Comes after: {title}", title=title) for title in part["waits_for"]]
    return " ".join(reasons) or _("Left open at the table.")


def _materials(ctx: Context, sitting: Sitting) -> tuple[list[list[str]], list[tuple[str, Any]]]:
    """Say once how each material of each person was dealt with, and what may follow later. One query."""
    query = select(CaseMaterialRow).where(col(CaseMaterialRow.case_id).in_([case.id for case in sitting.filed]))
    cases, found = {case.id: case for case in sitting.filed}, dict[tuple[str, str], Standing]()
    for row in ctx.session.exec(query.order_by(col(CaseMaterialRow.case_id), col(CaseMaterialRow.key))):
        case = cases[row.case_id]
        item = frozen_item(ctx.session, catalogue(services().installed), case.item_digest)
        material = next((m for m in item.materials if m.key == row.key), None) if item else None
        if material and row.state not in ("not_needed", "missing"):
            state: Any = row.state
            standing = Standing(material, state, row.note, supply_by=row.supply_by)
            found.setdefault(owner_in(ctx, sitting, case.person_id, row.key), standing)
    return _told(sitting, found.items()), [
        (bilingual(s.material.name, s.material.name_en), s.supply_by) for s in found.values() if s.supply_by
    ]


def _told(sitting: Sitting, found: Iterable[tuple[tuple[str, str], Standing]]) -> list[list[str]]:
    rows = []
    for (person_id, _key), standing in found:
        whose = "" if person_id == sitting.host.id else f" ({sitting.people[person_id].name})"
        rows.append([bilingual(standing.material.name, standing.material.name_en) + whose, state_words(standing)])
    return rows
