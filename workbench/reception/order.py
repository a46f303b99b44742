"""In which order the matters of one sitting are filed: some stand on what an earlier one brings about.

The order is written in the life events (RS-001, RS-003, RS-002, RS-004), and is asked before
anything is filed.
"""

from collections.abc import Collection, Sequence

from ..catalogue.life_events import load_life_events
from .judge_together import Judged


def put_in_order(judged: Sequence[Judged]) -> list[Judged]:
    """Give the forms in the order of filing, each with what must be filed before it."""
    for one in judged:
        one.after = tuple(
            other.part.case.id
            for other in judged
            if other.part.person.id == one.part.person.id
            and comes_before(other.part.case.item_code, one.part.case.item_code)
        )
    return sorted(judged, key=lambda one: (len(one.after), one.part.case.id))


def comes_before(earlier: str, later: str) -> bool:
    """Tell whether an item is to be filed before another one."""
    for event in load_life_events():
        if earlier in event.order and later in event.order:
            return event.order.index(earlier) < event.order.index(later)
    return False


def hindered_of(judged: Sequence[Judged], left_out: Collection[str] = ()) -> set[str]:
    """Give the cases that cannot be filed now or are left out, together with all that stand on them."""
    hindered = set(left_out)
    for one in judged:  # in the order of filing: what stands before was looked at already
        if not one.is_complete or hindered.intersection(one.after):
            hindered.add(one.part.case.id)
    return hindered


def is_doubtful(one: Judged) -> bool:
    """Tell whether the conditions are certainly not met, and no earlier matter of the sitting may change that."""
    return one.assessment.verdict is False and not one.after
