"""What belongs to nothing is found, whatever table it stands in; a filled installation has none of it."""

import sqlalchemy as sa

from workbench.faults.intake import installation
from workbench.faults.orphans import find_orphans, find_rests
from workbench.faults.town import Town
from workbench.hubs.models import HubSettingRow
from workbench.opening.models import LineFaultRow
from workbench.staff.models import PostRow
from workbench.tables import METADATA

GONE = "gone_line"


def test_what_belongs_to_nothing_and_what_a_line_left_behind_is_found(standing_town: Town) -> None:
    town = standing_town
    assert find_orphans(town.store, installation()) == []
    with town.acting() as ctx:
        now = ctx.clock.now()
        ctx.session.add(LineFaultRow(line_id=GONE, hook="search", reason="KeyError", first_at=now, last_at=now))
        ctx.session.add(PostRow(hub_id=ctx.hub.id, line_id=GONE, a_worker_id=ctx.actor.id))
        ctx.session.add(
            HubSettingRow(hub_id=ctx.hub.id, owner=f"line:{GONE}", key="k", set_by=ctx.actor.id, set_at=now)
        )
    person = METADATA.tables["person"]
    with town.store.engine.begin() as connection:
        some = connection.execute(sa.select(person.c.id).order_by(person.c.id).limit(1)).scalar_one()
        hub = connection.execute(sa.select(person.c.hub_id).where(person.c.id == some)).scalar_one()
        connection.execute(sa.update(person).where(person.c.id == some).values(hub_id="nowhere"))
    try:
        found = find_orphans(town.store, installation())
        assert "1 rows of person whose hub_id is nowhere" in found
        for named in ("hook_fault.line_id", "post.line_id"):
            assert f"{named} names {GONE}, which is not installed" in found
        assert f"hub_setting.owner names line:{GONE}, which is not installed" in found
        assert find_rests(town.store, town.settings, GONE) == [
            "1 rows of hook_fault", "1 rows of post", "1 rows of hub_setting",
        ]  # fmt: skip
    finally:
        with town.store.engine.begin() as connection:
            connection.execute(sa.update(person).where(person.c.id == some).values(hub_id=hub))
            for name in ("hook_fault", "post"):
                table = METADATA.tables[name]
                connection.execute(sa.delete(table).where(table.c.line_id == GONE))
            setting = METADATA.tables["hub_setting"]
            connection.execute(sa.delete(setting).where(setting.c.owner == f"line:{GONE}"))
    assert find_orphans(town.store, installation()) == []
