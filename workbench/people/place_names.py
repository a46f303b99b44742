"""The communities of a hub, to choose from."""

from sqlalchemy import select
from sqlmodel import col

from ..hubs.models import CommunityRow
from ..store.context import Context
from ..web.language import bilingual


def communities(ctx: Context) -> list[tuple[str, str]]:
    """Give code and name of every community of the context's hub. One query."""
    query = select(col(CommunityRow.id), col(CommunityRow.name_zh), col(CommunityRow.name_en))
    query = query.where(col(CommunityRow.hub_id) == ctx.hub.id).order_by(col(CommunityRow.id))
    return [(code, bilingual(zh, en)) for code, zh, en in ctx.session.execute(query)]
