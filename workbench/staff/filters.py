"""Filters of a list, kept for their worker under a name."""

from sqlmodel import select

from ..store.context import Context
from ..store.problems import Problem
from .models import FilterRow

#: Most filters of one page.
MOST = 9


def keep_filter(ctx: Context, page: str, name: str, query: str) -> None:
    """Keep a filter; the same name again replaces it. Raises Problem beside `filter_name`."""
    name = name.strip()[:40]
    if not name:
        raise Problem("name_missing", "请填写名称。", "Enter a name.", field="filter_name")
    known = filters_of(ctx, page)
    if len(known) >= MOST and name not in known:
        zh, en = "最多保存 9 个筛选，请先删除一个。", "Nine filters at most. Take one away first."
        raise Problem("too_many", zh, en, field="filter_name")
    key = (ctx.actor.id, ctx.hub.id, page, name)
    row = ctx.session.get(FilterRow, key) or FilterRow(
        worker_id=ctx.actor.id, hub_id=ctx.hub.id, page=page, name=name, query=""
    )
    row.query = query[:200]
    ctx.session.add(row)


def drop_filter(ctx: Context, page: str, name: str) -> None:
    """Take a filter away. Safe twice."""
    row = ctx.session.get(FilterRow, (ctx.actor.id, ctx.hub.id, page, name))
    if row is not None:
        ctx.session.delete(row)


def filters_of(ctx: Context, page: str) -> dict[str, str]:
    """Give the filters this worker keeps for a page, by name. One query."""
    query = select(FilterRow.name, FilterRow.query).where(FilterRow.worker_id == ctx.actor.id)
    query = query.where(FilterRow.hub_id == ctx.hub.id, FilterRow.page == page).order_by(FilterRow.name)
    return dict(ctx.session.exec(query).all())
