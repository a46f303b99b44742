"""Files the forms of a sitting: all that are complete at once, and one by one when one of them is refused.

What stands before another one is filed first; what is not complete stays as it was typed. The same
keys again, after a second click or a crash half-way, file only what is not filed yet.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from ..cases.accept import Accepted
from ..cases.models import CaseMaterialRow
from ..catalogue.items import Catalogue
from ..host.discover import Installed
from ..store.context import Context
from ..store.problems import Problem
from .accept import CannotAccept, NotYours, accept
from .judge_together import judge_together, spared_by_host
from .order import hindered_of, put_in_order
from .sitting import read_sitting

Act = Callable[[], AbstractContextManager[Context]]
Queue = dict[str, tuple[str, ...]]


def accept_together(
    act: Act, catalogue: Catalogue, installed: Installed, sitting_id: str, keys: Mapping[str, str]
) -> list[Accepted]:
    """File what was ticked and can be filed; `keys` are the accept keys by case. Gives what was filed now.

    The number of statements is the same for one and for ten. When one form turns out to hinder, because it
    changed at this moment, each of the others is filed alone.
    """
    with act() as ctx:
        queue = _queue(ctx, catalogue, installed, sitting_id, keys)
    if not queue:
        return []
    try:
        return _file(act, catalogue, installed, {case_id: keys[case_id] for case_id in queue})
    except (CannotAccept, Problem, NotYours):
        return _one_by_one(act, catalogue, installed, queue, keys)


def _queue(ctx: Context, catalogue: Catalogue, installed: Installed, sitting_id: str, keys: Mapping[str, str]) -> Queue:
    """Give what can be filed, in order, each with what must be filed before it."""
    sitting = read_sitting(ctx, sitting_id)
    judged = put_in_order(judge_together(ctx, catalogue, installed, sitting)) if sitting else []
    hindered = hindered_of(judged, {one.part.case.id for one in judged if one.part.case.id not in keys})
    ready = [one for one in judged if one.part.case.id not in hindered]
    for one in ready:
        ctx.session.add_all(
            CaseMaterialRow(case_id=one.part.case.id, key=s.material.key, state="waived", note=s.source)
            for s in spared_by_host(one)
        )
    return {one.part.case.id: one.after for one in ready}


def _file(act: Act, catalogue: Catalogue, installed: Installed, keys: Mapping[str, str]) -> list[Accepted]:
    with act() as ctx:
        return [one for one in accept(ctx, catalogue, installed, keys) if one.is_new]


def _one_by_one(
    act: Act, catalogue: Catalogue, installed: Installed, queue: Queue, keys: Mapping[str, str]
) -> list[Accepted]:
    filed: list[Accepted] = []
    refused: set[str] = set()
    for case_id, after in queue.items():
        try:
            if refused.isdisjoint(after):
                filed += _file(act, catalogue, installed, {case_id: keys[case_id]})
                continue
        except (CannotAccept, Problem, NotYours):
            pass
        refused.add(case_id)
    return filed
