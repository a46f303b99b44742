"""The places: divisions, three hubs of three shapes, their communities and grids, open lines, thresholds."""

import csv
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import Session

from .. import catalogue
from ..hubs.models import AdmissionRow, CommunityRow, DivisionRow, GridRow, HubRow, OpenLineRow, ParameterRow

CATALOGUE = Path(catalogue.__file__).parent
OPENED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LEVELS = {"province": 2, "city": 3, "district": 4, "street": 5, "community": 6}  # GB/T 39046 A.2
STREET = "990100001"
#: The lines of the first release in their order; others follow by name.
ORDER = ("civil_affairs", "social_security", "family_planning", "disability_federation")
#: One hub has one line closed, so that nobody forgets that lines can be.
CLOSED = ("xiangzhang", "family_planning")
GRIDS = 3

HUBS = (
    HubRow(
        id="wutong",
        name_zh="梧桐社区服务站",
        name_en="Wutong Community Station",
        shape="single",
        division=f"{STREET}001",
        opens="09:00",
        closes="18:00",
        phone="15490000001",
    ),
    HubRow(
        id="yinxing",
        name_zh="银杏邻里中心",
        name_en="Yinxing Neighbourhood Centre",
        shape="many",
        division=STREET,
        opens="09:00",
        closes="21:00",
        phone="15490000002",
    ),
    HubRow(
        id="xiangzhang",
        name_zh="香樟党群服务中心",
        name_en="Xiangzhang Service Centre",
        shape="centre",
        division=STREET,
        opens="09:00",
        closes="20:00",
        phone="15490000003",
    ),
)
#: hub -> its communities, with the share of the residents that live there.
COMMUNITIES = {
    "wutong": (("001", "梧桐社区", "Wutong Community"),),
    "yinxing": (
        ("002", "银杏社区", "Yinxing Community"),
        ("003", "海棠社区", "Haitang Community"),
        ("004", "玉兰社区", "Yulan Community"),
        ("005", "紫荆社区", "Zijing Community"),
        ("006", "石榴社区", "Shiliu Community"),
    ),
    "xiangzhang": (("007", "香樟社区", "Xiangzhang Community"), ("008", "桂花社区", "Guihua Community")),
}


def fill_places(session: Session, line_ids: Sequence[str]) -> None:
    """Write every place, and open the lines at every hub."""
    session.add_all(read_divisions())
    session.add_all(read_parameters())
    session.add_all(HubRow(**hub.model_dump()) for hub in HUBS)
    session.flush()
    for hub_id, communities in COMMUNITIES.items():
        rows = [CommunityRow(id=STREET + code, hub_id=hub_id, name_zh=zh, name_en=en) for code, zh, en in communities]
        session.add_all(rows)
        session.flush()
        session.add_all(
            GridRow(id=grid_id(row.id, number), community_id=row.id, name=f"第{'一二三'[number]}网格")
            for row in rows
            for number in range(GRIDS)
        )
        session.add_all(admissions(hub_id, line_ids))
        session.add_all(_open_lines(hub_id, line_ids))


def grid_id(community_id: str, number: int) -> str:
    """Give the id of a community's grid."""
    return f"{community_id}{number + 1:03d}"


def in_order(line_ids: Sequence[str]) -> list[str]:
    """Put lines into the order every hub opens them in."""
    return [line for line in ORDER if line in line_ids] + sorted(set(line_ids) - set(ORDER))


def read_divisions() -> list[DivisionRow]:
    """Read the table of divisions."""
    with (CATALOGUE / "codes" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return [
            DivisionRow(
                code=line["code"],
                name_zh=line["name_zh"],
                name_en=line["name_en"],
                parent=line["parent"],
                level=LEVELS[line["level"]],
            )
            for line in csv.DictReader(file)
        ]


def read_parameters() -> list[ParameterRow]:
    """Read the thresholds of the demonstration city."""
    data = tomllib.loads((CATALOGUE / "parameters.toml").read_text("utf-8"))
    return [
        ParameterRow(
            division=entry["division"],
            name=entry["key"],
            valid_from=entry["valid_from"],
            valid_to=_day(entry.get("valid_to")),
            value={"value": entry["value"], "unit": entry["unit"]},
            confidence=entry["confidence"],
            note=entry.get("note", ""),
        )
        for entry in data["parameter"]
    ]


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def admissions(hub_id: str, line_ids: Sequence[str]) -> list[AdmissionRow]:
    """Admit lines at a hub without an end, marked as the demonstration's."""
    return [
        AdmissionRow(
            id=f"DEMO{hub_id[:8].upper():0<8}{number:014}",
            hub_id=hub_id,
            line_id=line_id,
            approved_by="演示街道办事处",
            directory="演示：社区事项准入目录",
            valid_from=OPENED.date(),
            origin="demonstration",
            made_by="system",
            made_at=OPENED,
        )
        for number, line_id in enumerate(in_order(line_ids), start=1)
    ]


def _open_lines(hub_id: str, line_ids: Sequence[str]) -> list[OpenLineRow]:
    return [
        OpenLineRow(
            hub_id=hub_id,
            line_id=line_id,
            position=position,
            opened_at=OPENED,
            opened_by="system",
            closed_at=OPENED if (hub_id, line_id) == CLOSED else None,
        )
        for position, line_id in enumerate(in_order(line_ids), start=1)
    ]
