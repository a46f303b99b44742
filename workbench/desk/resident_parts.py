"""What stands on a resident's page, gathered from the rooms below."""

from typing import Any

from flask import url_for

from ..api.nouns import Person
from ..cases.find import CaseLine, cases_of
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..hubs.open_lines import open_lines
from ..hubs.parameters import region_facts
from ..identity.may import may
from ..people.documents import documents_of
from ..people.facts import choose, read_history
from ..people.households import Member, members_of, second_households
from ..people.models import PersonRow
from ..people.view import age_on
from ..store.context import Context
from ..web.language import _, bilingual, current_locale
from ..web.services import services
from .entitled import assess_items, facts_for_rules, split_by_verdict
from .known import group_titles, known_of, word_of
from .line_boxes import derived_facts, panels, suggestions
from .links import case_link, link
from .tags import tags_of
from .trail import last_looks

FEW, MANY = 5, 8


def page_parts(ctx: Context, row: PersonRow, members: list[Member]) -> dict[str, Any]:
    """Gather the page in a number of queries that does not grow with what is found."""
    shop = services()
    lines = open_lines(ctx.session, ctx.hub, shop.installed)
    history = read_history(ctx, row.id)
    current = choose(history)
    person = Person(row.id, row.name, row.sex, row.birth_date, row.hub_id, current)
    derived = derived_facts(lines, person)
    items = catalogue(shop.installed).at(ctx.hub.division, ctx.clock.today(), [line.id for line in lines])
    region = region_facts(ctx.session, ctx.hub.division, ctx.clock.today())
    bare = {key: value for key, (value, _by) in derived.items()}
    facts = facts_for_rules(row, current, region, bare, ctx.clock.today())
    granted, asked, refused = split_by_verdict(assess_items(items, facts))
    may_accept = may(ctx.actor, "accept")
    known = known_of(history, derived)
    return {
        "tags": tags_of(current),
        "known": known,
        "groups": group_titles(known),
        "members": [_member(ctx, one) for one in members],
        "homes": _homes(ctx, row, members),
        "cases": [_case(line) for line in cases_of(ctx, row.id)],
        "documents": _documents(ctx, row.id, items),
        "suggestions": suggestions(lines, person, items),
        "granted": granted[:MANY],
        "granted_rest": granted[MANY:],
        "asked": asked[:FEW],
        "asked_rest": asked[FEW:],
        "refused": refused,
        "panels": [*_enquiries(person), *panels(lines, person)],
        "looks": last_looks(ctx, row.id),
        "trail_url": link("admin.trail", person=row.id) if may(ctx.actor, "audit") else "",
        "book_url": link("hall.appointments", person=row.id) if may_accept else "",
        "items_url": link("home.picker", person_id=row.id) if may_accept else "",
        "start_url": link("home.start", person_id=row.id) if may_accept else "",
        "open_home_url": _own(ctx, row, "home.open_home", may_accept),
        "authority_url": _own(ctx, row, "home.authority", may_accept),
        "edit_url": link("people.edit", person_id=row.id) if may_accept and row.hub_id == ctx.hub.id else "",
    }


def _enquiries(person: Person) -> list[dict[str, str]]:
    """Give the box of what the resident asked; it loads after the page."""
    url = link("enquiries.of_resident", person_id=person.id)
    return [{"id": "enquiries", "title": _("Enquiries"), "url": url}] if url else []


def at_home(ctx: Context, row: PersonRow) -> list[Member]:
    """Give who lives with a resident, themselves among them. One query at most."""
    return members_of(ctx, row.household_id) if row.household_id else []


def _homes(ctx: Context, row: PersonRow, members: list[Member]) -> list[dict[str, str]]:
    """Give the households of a person of this hub, the main one first. A query only for who is in two."""
    if not row.household_id or row.hub_id != ctx.hub.id:
        return []
    more = [(row.household_id, "", True)]
    if any(one.person_id == row.id and one.homes > 1 for one in members):
        more = second_households(ctx, [row.id]).get(row.id, more)
    ordered = sorted(more, key=lambda home: not home[2])
    return [{"url": link("home.household", household_id=home), "why": why} for home, why, _main in ordered]


def _own(ctx: Context, row: PersonRow, endpoint: str, may_accept: bool) -> str:
    return link(endpoint, person_id=row.id) if may_accept and row.hub_id == ctx.hub.id else ""


def _member(ctx: Context, one: Member) -> dict[str, Any]:
    relations = word_of("household.member_relation").choices
    relation = relations.get(one.relation)
    return {
        "id": one.person_id,
        "name": one.name,
        "url": url_for("home.resident", hub=ctx.hub.id, person_id=one.person_id),
        "relation": relation.label(current_locale()) if relation else one.relation,
        "age": age_on(one.birth_date, ctx.clock.today()),
        "id_no": one.id_masked,
        "status": one.status,
    }


def _case(line: CaseLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "url": case_link(line.id, line.state),
        "number": line.case_no or "",
        "title": bilingual(line.title_zh, line.title_en),
        "state": {"granted": "granted", "refused": "denied"}.get(line.result, line.state),
        "due": line.due_on.isoformat() if line.due_on else "",
    }


def _documents(ctx: Context, person_id: str, items: list[Item]) -> list[dict[str, Any]]:
    names = {m.key: bilingual(m.name, m.name_en) for item in items for m in item.manifest.materials}
    return [
        {
            "id": str(document.id),
            "name": names.get(document.kind, document.kind),
            "is_scan": bool(document.digest),
            "is_valid": document.is_valid,
            "until": document.valid_until.isoformat() if document.valid_until else "",
            "at": document.recorded_at,
        }
        for document in documents_of(ctx, person_id)
    ]
