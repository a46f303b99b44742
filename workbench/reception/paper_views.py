"""Papers of the sitting: the one-time notice of what is missing, and the receipt with its QR code."""

from typing import Any

from flask import Blueprint, Response, abort, g

from ..api.manifest import ItemManifest
from ..cases.find import cases_of, get_case
from ..cases.models import CaseRow
from ..cases.who_came import came_words
from ..catalogue.form import form_of
from ..catalogue.freeze import frozen_item
from ..catalogue.loaded import catalogue
from ..delivery.models import PayloadRow
from ..hubs.models import HubRow
from ..identity.audit import record
from ..people.models import PersonRow
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.filters import day, moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .draft import get_draft
from .materials import Standing, standings
from .papers.print import make_pdf, qr_svg
from .rate_code import on_paper, rating_url
from .rule_facts import known_facts, rule_facts

blueprint = Blueprint("papers", __name__, url_prefix="/h/<hub>/cases/<case_id>")


@blueprint.get("/receipt")
@permit("accept")
def receipt(hub: str, case_id: str) -> Response:
    """Show the receipt: number, what happens next and by when, whom to call."""
    ctx = reading()
    case, item = _accepted(ctx, case_id)
    others = [line for line in cases_of(ctx, case.person_id) if line.state == "draft"]
    rate_url = rating_url(ctx, case.reception_id)
    data = _receipt_data(ctx, case, item)
    return page("reception/receipt.html", case=case, parked_here=others, rate_url=rate_url, **data)


@blueprint.get("/receipt.pdf")
@permit("accept")
def receipt_pdf(hub: str, case_id: str) -> Response:
    """Print the receipt."""
    ctx = reading()
    case, item = _accepted(ctx, case_id)
    data = _receipt_data(ctx, case, item)
    data["qr"] = qr_svg(_progress_url(case))
    data |= on_paper(ctx, case.reception_id)
    return _pdf("receipt", data, case, f"receipt-{case.case_no}")


@blueprint.get("/qr.svg")
@permit("accept")
def qr(hub: str, case_id: str) -> Response:
    """Draw the QR code of a case's number."""
    case, _item = _accepted(reading(), case_id)
    return Response(qr_svg(_progress_url(case)), mimetype="image/svg+xml")


@blueprint.get("/rate.svg")
@permit("accept")
def rate_qr(hub: str, case_id: str) -> Response:
    """Draw the QR code that leads to the rating of the visit."""
    ctx = reading()
    case, _item = _accepted(ctx, case_id)
    return Response(qr_svg(rating_url(ctx, case.reception_id)), mimetype="image/svg+xml")


@blueprint.get("/notice")
@permit("accept")
def notice(hub: str, case_id: str) -> Response:
    """Show the one-time notice: everything that is missing, said once."""
    ctx = reading()
    case, item, found = _missing(ctx, case_id)
    return page("reception/notice.html", case=case, item=item, **_notice_data(ctx, case, item, found))


@blueprint.get("/notice.pdf")
@permit("accept")
def notice_pdf(hub: str, case_id: str) -> Response:
    """Print the one-time notice."""
    ctx = reading()
    case, item, found = _missing(ctx, case_id)
    data = _notice_data(ctx, case, item, found)
    data["qr"] = qr_svg(item.code)
    return _pdf("notice", data, case, f"notice-{item.code}")


def _pdf(template: str, data: dict[str, Any], case: CaseRow, name: str) -> Response:
    with writing() as ctx:
        record(ctx, f"print.{template}", person_id=case.person_id, subject=f"case:{case.id}")
    response = Response(make_pdf(template, data), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _accepted(ctx: Context, case_id: str) -> tuple[CaseRow, ItemManifest]:
    case = get_case(ctx, case_id)
    if case is None or case.case_no is None:
        abort(404)
    item = frozen_item(ctx.session, catalogue(services().installed), case.item_digest)
    if item is None:
        abort(404)
    return case, item


def _came(ctx: Context, case: CaseRow) -> Any:
    payload = ctx.session.get(PayloadRow, case.payload_id) if case.payload_id else None
    return (payload.content or {}).get("came") if payload else None


def _progress_url(case: CaseRow) -> str:
    """What the QR code says: the number alone; nothing about the person."""
    return case.case_no or ""


def _receipt_data(ctx: Context, case: CaseRow, item: ItemManifest) -> dict[str, Any]:
    person = ctx.session.get_one(PersonRow, case.person_id)
    hub = ctx.session.get_one(HubRow, ctx.hub.id)
    due = day(case.due_on) or _("no fixed limit")
    found = _standings(ctx, case, item, person)
    late = [standing for standing in found if standing.supply_by]
    following = [_("We send your matter to {department}.", department=item.department)]
    if item.depth == "name":
        following.append(_("Whether it is accepted, the department says; it also says what to bring."))
    following += [_("Answer expected by {day}.", day=due)] if case.due_on else [_("You will be told the result.")]
    following += [
        _(
            "Still to be supplied by {day}: {name}",
            day=day(s.supply_by),
            name=bilingual(s.material.name, s.material.name_en),
        )
        for s in late
    ]
    return {
        **paper_frame(ctx),
        "title": _("Receipt: taken in and forwarded") if item.depth == "name" else _("Receipt of acceptance"),
        "number_label": _("Case number"),
        "number": case.case_no or "",
        "rows": [
            [_("Applicant"), f"{person.name}  {person.id_masked}"],
            [_("Who came"), came_words(_came(ctx, case), current_locale())],
            [_("Matter"), bilingual(case.title_zh, case.title_en)],
            [_("Department"), item.department],
            [_("Accepted at"), f"{moment(case.accepted_at)}  {g.worker.name}"],
            [_("Answer by"), due],
            [_("Fee"), item.fee or _("no fee")],
        ],
        "materials_title": _("Materials"),
        "materials": [
            [bilingual(s.material.name, s.material.name_en), state_words(s)]
            for s in found
            if s.state != "not_needed" and (s.blocks or s.state != "missing")
        ],
        "next_title": _("What happens next"),
        "next": following,
        "foot": _(
            "Ask about your matter at {hub}, {hours}. {phone}",
            hub=bilingual(hub.name_zh, hub.name_en),
            hours=f"{hub.opens}–{hub.closes}",
            phone=hub.phone,
        ),
    }


def _notice_data(ctx: Context, case: CaseRow, item: ItemManifest, found: list[Standing]) -> dict[str, Any]:
    person = ctx.session.get_one(PersonRow, case.person_id)
    missing = [standing for standing in found if standing.state == "missing"]
    return {
        **paper_frame(ctx),
        "title": _("One-time notice"),
        "lead": _("To handle your matter we still need what is listed here. Nothing else will be asked for."),
        "rows": [
            [_("Applicant"), f"{person.name}  {person.id_masked}"],
            [_("Matter"), bilingual(item.title_zh, item.title_en)],
            [_("Who may apply"), bilingual(item.applicant_conditions, item.applicant_conditions_en)],
        ],
        "materials_title": _("Please bring"),
        "materials": [[material_words(s), copies_words(s)] for s in missing],
        "next_title": _("What happens next"),
        "next": [_("Bring these to the same hub; what you gave today is kept and is not asked for again.")],
        "foot": "",
    }


def paper_frame(ctx: Context) -> dict[str, Any]:
    return {
        "lang": "en" if current_locale() == "en" else "zh",
        "hub_name": bilingual(ctx.hub.name_zh, ctx.hub.name_en),
        "issued_at": moment(ctx.clock.now()),
        "sign_resident": _("Applicant's signature"),
        "sign_hub": _("Worker and seal"),
    }


def _missing(ctx: Context, case_id: str) -> tuple[CaseRow, ItemManifest, list[Standing]]:
    found = get_draft(ctx, case_id)
    if found is None:
        abort(404)
    case, _draft = found
    item = frozen_item(ctx.session, catalogue(services().installed), case.item_digest)
    if item is None or item.depth == "name":
        abort(404)  # what is missing can only be said of an item whose materials are known
    person = ctx.session.get_one(PersonRow, case.person_id)
    return case, item, _standings(ctx, case, item, person)


def _standings(ctx: Context, case: CaseRow, item: ItemManifest, person: PersonRow) -> list[Standing]:
    facts = rule_facts(known_facts(ctx, person), person, form_of(item), {}, ctx.clock.today())
    return standings(ctx, case, item, facts)


def state_words(standing: Standing) -> str:
    """Say in words how a material stands."""
    known = {
        "missing": _("Missing"),
        "have": _("On file, used again"),
        "sighted": _("Original seen and given back"),
        "scanned": _("Scanned"),
        "waived": _("Not needed: {source} holds it", source=standing.source),
        "promised": _("Promised in writing"),
        "late": _("May follow by {day}", day=day(standing.supply_by)),
        "not_needed": _("Not needed"),
    }
    return known[standing.state]


def material_words(standing: Standing) -> str:
    """Name a material, and say so where not everybody has one."""
    material = standing.material
    name = bilingual(material.name, material.name_en)
    return name if material.required else f"{name} ({_('if there is one')})"


def copies_words(standing: Standing) -> str:
    """Say how many originals and copies are wanted."""
    material = standing.material
    return _("originals: {originals}, copies: {copies}", originals=material.originals, copies=material.copies)
