"""As many hubs as a city has: streets with communities below them, each hub with a set of lines of its own."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from ..hubs.models import AdmissionRow, CommunityRow, HubRow, OpenLineRow
from ..store.ids import new_id
from .places import OPENED, in_order

#: Hubs of communities below one street's.
BELOW = 20
CITY = "9901"


def fill_hubs(session: Session, line_ids: Sequence[str], count: int) -> None:
    """Write so many further hubs, named hub0001 and so on; the first of every twenty is their street's."""
    if count <= 0:
        return
    numbers = range(1, count + 1)
    # Streets first: the hubs below name them.
    hubs = sorted((_hub(number) for number in numbers), key=lambda hub: hub["parent_id"] is not None)
    session.execute(insert(HubRow), hubs)
    session.execute(insert(CommunityRow), [_community(number) for number in numbers])
    if opened := [row for number in numbers for row in _open_lines(number, line_ids)]:
        session.execute(insert(OpenLineRow), opened)
        session.execute(insert(AdmissionRow), [_admission(row) for row in opened])


def hub_id(number: int) -> str:
    """Name the how many-th hub."""
    return f"hub{number:04d}"


def _is_street(number: int) -> bool:
    return number % BELOW == 1


def _division(number: int) -> str:
    street = (number - 1) // BELOW + 1
    return f"{CITY}{street // 100 + 10:02d}{street % 100:03d}{(number - 1) % BELOW:03d}"


def _hub(number: int) -> dict[str, Any]:
    street = number - (number - 1) % BELOW
    return {
        "id": hub_id(number), "name_zh": f"示范第{number}站", "name_en": f"Station {number}", "opens": "09:00",
        "shape": "centre" if _is_street(number) else "single", "division": _division(number), "closes": "18:00",
        "phone": "", "version": 1, "parent_id": None if _is_street(number) else hub_id(street),
    }  # fmt: skip


def _community(number: int) -> dict[str, Any]:
    name = f"示范第{number}社区"
    return {"id": _division(number), "hub_id": hub_id(number), "name_zh": name, "name_en": f"Community {number}"}


def _open_lines(number: int, line_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Open about four of five lines, another set and another order at each of many hubs."""
    ordered = in_order(line_ids)
    turned = ordered[number % len(ordered) :] + ordered[: number % len(ordered)] if ordered else []
    for position, line_id in enumerate(turned, start=1):
        if (number * 7 + ordered.index(line_id) * 3) % 5:
            yield {
                "hub_id": hub_id(number), "line_id": line_id, "position": position, "opened_at": OPENED,
                "opened_by": "system", "closed_at": None, "closed_why": "",
            }  # fmt: skip


def _admission(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(), "hub_id": row["hub_id"], "line_id": row["line_id"], "approved_by": "演示街道办事处",
        "directory": "演示：社区事项准入目录", "valid_from": OPENED.date(), "valid_to": None, "forms": "",
        "ledgers": "", "origin": "demonstration", "made_by": "system", "made_at": OPENED, "ended_at": None,
        "ended_by": "", "ended_why": "",
    }  # fmt: skip
