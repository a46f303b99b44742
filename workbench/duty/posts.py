"""Who answers for a line (A) and who covers (B); and a suggestion of pairs by nearness of duties.

The rule of the suggestion: two lines are near when their items ask the same things, measured by the fields
they share (Jaccard). A lines are dealt out evenly in the hub's order; B of a line is whoever, not its A,
has the fewest B posts so far, and among those the one whose A lines are nearest to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from ..catalogue.items import Item
from ..hubs.lock import lock_hub
from ..identity.audit import record
from ..staff.models import PostRow
from ..store.context import Context
from ..store.first import ensure_row
from ..store.problems import Problem
from .cover import replan, workers_here


@dataclass(frozen=True, slots=True)
class Pair:
    """A suggested pair for one line; `near` is how near B's own lines are, from 0 to 1."""

    line_id: str
    a: str
    b: str
    near: float


def set_post(ctx: Context, line_id: str, a: str, b: str, *, may_settle: bool = True) -> PostRow:
    """Set A and B of a line; running cover follows at once. Raises Problem beside `a` or `b`."""
    here = workers_here(ctx)
    if a not in here:
        raise Problem(
            "worker_unknown", "请选择主办（A岗）。", "Choose who answers for the line (A).", field=f"a-{line_id}"
        )
    if b not in here or b == a:
        zh, en = "请选择另一人为备岗（B岗）。", "Choose somebody else to cover (B)."
        raise Problem("worker_unknown", zh, en, field=f"b-{line_id}")
    lock_hub(ctx)
    row = ensure_row(ctx.session, PostRow(hub_id=ctx.hub.id, line_id=line_id, a_worker_id=a))
    if (row.a_worker_id, row.b_worker_id, row.may_settle) == (a, b, may_settle):
        return row
    row.a_worker_id, row.b_worker_id, row.may_settle = a, b, may_settle
    ctx.session.flush()
    record(ctx, "post.set", subject=f"line:{line_id}", detail={"a": a, "b": b, "settles": may_settle})
    replan(ctx)
    return row


def posts_of(ctx: Context) -> dict[str, PostRow]:
    """Give the posts of the hub by line. One query."""
    query = select(PostRow).where(PostRow.hub_id == ctx.hub.id).order_by(col(PostRow.line_id))
    return {row.line_id: row for row in ctx.session.exec(query)}


def suggest_pairs(lines: Sequence[str], workers: Sequence[str], asked: Mapping[str, frozenset[str]]) -> list[Pair]:
    """Suggest A and B for every line, in the order of lines and workers; nothing with fewer than two workers."""
    if len(workers) < 2:
        return []
    first = {line: workers[number % len(workers)] for number, line in enumerate(lines)}
    taken = dict.fromkeys(workers, 0)
    pairs = []
    for line in lines:
        near = {one: _nearest(line, (own for own in lines if first[own] == one), asked) for one in workers}
        others = [one for one in workers if one != first[line]]
        b = min(others, key=lambda one: (taken[one], -near[one], workers.index(one)))
        taken[b] += 1
        pairs.append(Pair(line, first[line], b, near[b]))
    return pairs


def _nearest(line: str, own: Iterable[str], asked: Mapping[str, frozenset[str]]) -> float:
    return max((nearness(asked[line], asked[other]) for other in own), default=0.0)


def nearness(one: frozenset[str], other: frozenset[str]) -> float:
    """Tell how much two lines ask the same: shared fields over all fields."""
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def fields_asked(items: Iterable[Item]) -> dict[str, frozenset[str]]:
    """Give what the items of each line ask for: shared facts by their names, fields of a line's own by theirs."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in items:
        found[item.line_id] |= {field.fact or field.key for field in item.manifest.fields}
    return defaultdict(frozenset, {line_id: frozenset(keys) for line_id, keys in found.items()})
