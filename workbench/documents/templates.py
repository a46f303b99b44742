"""The template of a kind at a hub: the one that ships, or the newest the hub's admin wrote. Every version is kept."""

from typing import Any

from sqlmodel import col, select

from ..identity.audit import record
from ..store.context import Context
from .barcode import barcode_svg
from .kinds import Kind
from .models import TemplateRow
from .print import digest_of, draw, standard_template


def template_of(ctx: Context, kind: str) -> str:
    """Give the template in force."""
    row = newest(ctx, kind)
    return standard_template(kind) if row is None or row.is_standard else row.source


def newest(ctx: Context, kind: str) -> TemplateRow | None:
    """Give the newest version a hub wrote of a kind."""
    query = select(TemplateRow).where(TemplateRow.hub_id == ctx.hub.id, TemplateRow.kind == kind)
    return ctx.session.exec(query.order_by(col(TemplateRow.id).desc()).limit(1)).first()


def source_of_digest(ctx: Context, kind: str, digest: str) -> str:
    """Give the template a document was drawn with; the one in force where the frame has changed since."""
    query = select(TemplateRow).where(TemplateRow.kind == kind, TemplateRow.digest == digest)
    if row := ctx.session.exec(query.where(TemplateRow.hub_id == ctx.hub.id).limit(1)).first():
        return row.source
    ships = standard_template(kind)
    return ships if digest == digest_of(ships) else template_of(ctx, kind)


def change_template(ctx: Context, kind: Kind, source: str) -> None:
    """Put a new template in force, once it has been drawn with a sample; raises Problem with typst's words."""
    text = source.replace("\r\n", "\n")
    draw(text, sample(ctx, kind))
    _write(ctx, kind, text, is_standard=False)


def reset_template(ctx: Context, kind: Kind) -> None:
    """Go back to the template that ships."""
    _write(ctx, kind, standard_template(kind.key), is_standard=True)


def _write(ctx: Context, kind: Kind, source: str, *, is_standard: bool) -> None:
    ctx.session.add(
        TemplateRow(
            hub_id=ctx.hub.id,
            kind=kind.key,
            source=source,
            digest=digest_of(source),
            is_standard=is_standard,
            by_id=ctx.actor.id,
            by_name=ctx.actor.name,
            at=ctx.clock.now(),
        )
    )
    record(ctx, "document.template", subject=f"template:{kind.key}", detail={"standard": is_standard})


def sample(ctx: Context, kind: Kind) -> dict[str, Any]:
    """Give the data of a document of nobody, with rare characters, for trying a template."""
    number = f"{kind.code}-000000000000-2026-00000"
    return {
        "title": kind.zh,
        "number": number,
        "hub_name": ctx.hub.name_zh,
        "to": "样例镕㛃𬭎䶮",
        "lead": kind.lead.format(reply_by="2026年12月31日", handover_by="2026年12月31日 12:00"),
        "about": [["申请人", "样例镕㛃𬭎䶮"], ["事项", "样例事项"]],
        "said": [["理由", "样例"]],
        "lists": [{"title": "材料", "rows": [["样例材料", "已提交"]], "none": "无。"}],
        "closing": list(kind.closing),
        "sign": kind.sign,
        "worker": ctx.actor.name,
        "issued_on": "2026年12月31日",
        "foot": "",
        "copies": ["样张"],
        "is_long": False,
        "barcode": barcode_svg(number),
        "qr": barcode_svg(number),
    }
