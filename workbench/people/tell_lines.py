"""Tells every line that two files were merged or taken apart, after the commit; who could not be told is kept."""

from ..host.call import Caller
from ..host.discover import Installed
from ..store.context import Context
from .models import MergeRow
from .view import person_view


def tell_lines(ctx: Context, caller: Caller, installed: Installed, merge_id: str) -> list[str]:
    """Call `person_merged` of every line that is ready, open here or not; gives the lines that failed."""
    merge = ctx.session.get_one(MergeRow, merge_id)
    lines = [line for line in installed.ready_lines if line.manifest and line.manifest.hooks]
    answers = caller.call(
        "person_merged",
        lines,
        hub=ctx.hub,
        person=person_view(ctx, merge.kept_id, citywide=True),
        merged_id=merge.gone_id,
        is_parted=merge.undone_at is not None,
    )
    return [answer.line.id for answer in answers if answer.fault]


def note_untold(ctx: Context, merge_id: str, line_ids: list[str]) -> None:
    """Keep which lines still have to be told."""
    merge = ctx.session.get_one(MergeRow, merge_id)
    merge.untold = ",".join(line_ids)
    ctx.session.add(merge)
