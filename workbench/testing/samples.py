"""Parcels for samples and tests, all of synthetic persons: read from a file or made on the spot."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.api import Parcel

#: A synthetic resident; the check digit of the number is right, the division does not exist.
PERSON: dict[str, object] = {
    "name": "测试甲",
    "id_type": "111",
    "id_no": "990101195003071239",
    "sex": "1",
    "birth_date": "1950-03-07",
    "phone": "19900000001",
    "hukou_division": "990101",
    "hukou_address": "试验市样板区示例街道一号",
    "residence_division": "990101001001",
    "residence_address": "试验市样板区示例街道二号",
}


def make_parcel(item_code: str, values: dict[str, object] | None = None, **more: Any) -> Parcel:
    """Make a parcel of the synthetic resident with these values of the item."""
    parcel = Parcel(
        key="01JD0000000000000000000001",
        case_no="HUB01-20261122-000001",
        item_code=item_code,
        item_version="2026.1",
        item_title="测试事项",
        operation="apply",
        hub_id="hub01",
        division="990101001001",
        accepted_at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
        worker_name="社工一",
        values=PERSON | (values or {}),
        basis="测试依据",
    )
    return replace(parcel, **more)


def read_parcel(path: Path) -> Parcel:
    """Read a parcel from a JSON file: its fields by name, the accept time in ISO."""
    fields = json.loads(path.read_text("utf-8"))
    fields["accepted_at"] = datetime.fromisoformat(fields["accepted_at"])
    return Parcel(**fields)
