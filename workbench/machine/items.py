"""What can be handled at the token's hub, and what each item asks for: fields, materials, steps, days."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..api.manifest import ItemMaterial, ItemStep
from ..catalogue.codes import Code
from ..catalogue.form import FormField, Section, form_of
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..catalogue.pick import pick_items
from ..hubs.open_lines import open_lines
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading
from ..web.services import services
from .item_shapes import (
    FieldTold,
    ItemLine,
    ItemPage,
    ItemsAsked,
    ItemTold,
    MaterialTold,
    Option,
    SectionTold,
    StepTold,
)
from .operations import operation
from .shapes import Words


@operation("GET", "/items", scope="items:read", answer=ItemPage, query=ItemsAsked)
def list_items(asked: ItemsAsked) -> ItemPage:
    """List the items of the lines open at the hub."""
    items = open_items(reading(), asked.line)
    if asked.q:
        return ItemPage(items=[_line(hit.item) for hit in pick_items(asked.q, items, asked.limit)], next=None)
    rest = sorted((i for i in items if i.code > asked.after), key=lambda i: i.code)
    shown = rest[: asked.limit]
    return ItemPage(items=[_line(item) for item in shown], next=shown[-1].code if len(rest) > len(shown) else None)


@operation("GET", "/items/<code>", scope="items:read", answer=ItemTold)
def show_item(code: str) -> ItemTold:
    """Show what an item asks for."""
    return _tell(open_item(reading(), code))


def open_items(ctx: Context, line_id: str = "") -> list[Item]:
    """Give the items in force at the hub today, of all open lines or one."""
    installed = services().installed
    lines = (line.id for line in open_lines(ctx.session, ctx.hub, installed) if line_id in ("", line.id))
    return catalogue(installed).at(ctx.hub.division, ctx.clock.today(), lines)


def open_item(ctx: Context, code: str) -> Item:
    """Give one item in force at the hub today; raises Problem."""
    found = next((item for item in open_items(ctx) if item.code == code), None)
    if found is None:
        zh, en = "本站点没有此事项，或其条线已关闭。", "This hub has no such item, or its line is closed."
        raise Problem("no_such_item", zh, en)
    return found


def _line(item: Item) -> ItemLine:
    return ItemLine(**_summary(item))


def _summary(item: Item) -> dict[str, Any]:
    said = item.manifest
    return {
        "code": said.code,
        "line": item.line_id,
        "title": Words(zh=said.title_zh, en=said.title_en),
        "version": said.version,
        "department": said.department,
        "days": said.promised_days if said.promised_days is not None else said.statutory_days,
        "days_unit": said.days_unit,
    }


def _tell(item: Item) -> ItemTold:
    said = item.manifest
    return ItemTold(
        **_summary(item),
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        purpose=said.purpose,
        conditions=Words(zh=said.applicant_conditions, en=said.applicant_conditions_en),
        statutory_days=said.statutory_days,
        promised_days=said.promised_days,
        fee=said.fee,
        form=[_section(section) for section in form_of(said).sections],
        materials=[_material(material) for material in said.materials],
        steps=[_step(step) for step in said.steps],
    )


def _section(section: Section) -> SectionTold:
    title = Words(zh=section.title_zh, en=section.title_en)
    return SectionTold(key=section.key, title=title, when=section.when, fields=_fields(section.fields))


def _fields(fields: Iterable[FormField]) -> list[FieldTold]:
    return [
        FieldTold(
            key=field.key,
            fact=field.fact,
            type=field.type,
            label=Words(zh=field.label_zh, en=field.label_en),
            help=Words(zh=field.help_zh, en=field.help_en),
            required=field.required,
            when=field.when,
            options=_options(field.choices),
            columns=_fields(field.columns),
        )
        for field in fields
    ]


def _options(choices: Mapping[str, Code]) -> list[Option]:
    return [Option(value=v, label=Words(zh=code.label("zh_CN"), en=code.label("en"))) for v, code in choices.items()]


def _material(one: ItemMaterial) -> MaterialTold:
    name = Words(zh=one.name, en=one.name_en)
    kept = {key: getattr(one, key) for key in MaterialTold.model_fields if key != "name"}
    return MaterialTold(name=name, **kept)


def _step(one: ItemStep) -> StepTold:
    kept = {key: getattr(one, key) for key in StepTold.model_fields if key != "name"}
    return StepTold(name=Words(zh=one.name, en=one.name_en), **kept)
