"""The slip of an enquiry: what was asked, to whom it goes, and the part the department signs; one A4 page."""

from ..hubs.models import HubRow
from ..people.models import PersonRow
from ..reception.paper_views import paper_frame
from ..reception.papers.print import make_pdf, qr_svg
from ..store.context import Context
from ..web.filters import moment
from ..web.language import _, bilingual
from .models import EnquiryRow


def make_slip(ctx: Context, row: EnquiryRow, person: PersonRow | None) -> bytes:
    """Print the slip; its QR code says the number alone."""
    hub = ctx.session.get_one(HubRow, ctx.hub.id)
    title = bilingual(row.title_zh, row.title_en)
    who = f"{person.name}  {person.id_masked}" if person else row.asked_by or _("not named")
    forwarded = row.state == "passed-on"
    data = paper_frame(ctx) | {
        "title": _("Slip of forwarding") if forwarded else _("Slip of an enquiry"),
        "number_label": _("Number"),
        "number": row.number,
        "qr": qr_svg(row.number),
        "qr_words": _("Scan for the number"),
        "rows": [
            [_("Who asked"), who],
            [_("Matter"), f"{title}  {row.item_code}"],
            [_("What is asked"), row.question or ""],
            [_("Asked on"), f"{moment(row.made_at)}  {row.made_name}"],
            *([[_("Passed on to"), row.passed_to]] if forwarded else []),
            *([[_("Answer"), row.answer or ""]] if row.state == "answered" else []),
        ],
        "note": _("This is an enquiry, not an application: the department says who may apply and what to bring."),
        "receipt_title": _("Receipt of the department") if forwarded else "",
        "receipt_rows": [_("Their number"), _("Taken by"), _("Day")],
        "foot": _("Ask about it at {hub}. {phone}", hub=bilingual(hub.name_zh, hub.name_en), phone=hub.phone),
    }
    return make_pdf("enquiry", data)
