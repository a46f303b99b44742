"""What is frozen when a demonstration case is accepted: the form, how each material stood, the item itself."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from ..cases.models import CaseMaterialRow
from ..cases.send import decides_after_opinion
from ..catalogue.items import Item
from ..catalogue.models import ItemVersionRow
from ..delivery.enqueue import digest_of
from ..delivery.models import PayloadRow
from ..people.facts import choose
from ..reception.check_form import is_asked
from ..reception.materials import SUPPLY_DAYS
from ..store.clock import local
from .answers import Answered, answer, is_spared
from .matter import Matter
from .tray import Row


def freeze_form(matter: Matter) -> tuple[Row, dict[str, int]]:
    """Keep the accepted form and materials; gives the payload and how many materials stood how."""
    scene, plan = matter.scene, matter.plan
    day = local(plan.at).date()
    form, region = scene.form(plan.item), scene.regions[plan.hub_id]
    given = answer(scene.chance, plan.item.code, form, matter.known, region, day)
    content: dict[str, Any] = {"values": given.values, "origins": given.origins, "files": []}
    if decides_after_opinion(plan.item.manifest):
        content["decide"] = "after_opinion"
    about = {"id": scene.chance.new_id(), "content": content, "digest": digest_of(content), "created_at": plan.at}
    return matter.tray.add(PayloadRow, **about), _settle(matter, given, day)


def _settle(matter: Matter, given: Answered, day: date) -> dict[str, int]:
    held, chance = choose(matter.known.history), matter.scene.chance
    counts: Counter[str] = Counter()
    for material in matter.item.manifest.materials:
        fact = held.get(material.waived_by_fact) if material.waived_by_fact else None
        row = matter.tray.add(CaseMaterialRow, case_id=matter.case["id"], key=material.key, state="sighted")
        if is_asked(material.when, given.facts) is False:
            row["state"] = "not_needed"
        elif fact is not None and is_spared(fact, day):
            row.update(state="waived", note=fact.source)
        elif material.may_be_late and chance.happens(0.2):
            row.update(state="late", supply_by=matter.scene.calendar.add(day, SUPPLY_DAYS))
        elif material.may_be_promised and chance.happens(0.2):
            row["state"] = "promised"
        elif not material.required and chance.happens(0.6):
            row["state"] = "missing"
        counts[row["state"]] += 1
    return dict(counts)


def freeze_item(matter: Matter, item: Item, at: datetime) -> None:
    """Keep an item as it was when its first case was accepted."""
    matter.tray.add(
        ItemVersionRow,
        digest=item.digest,
        code=item.code,
        version=item.manifest.version,
        division=item.manifest.division,
        line_id=item.line_id,
        content=item.manifest.model_dump(mode="json"),
        first_used_at=at,
    )
