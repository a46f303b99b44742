"""Lines that come and go while everything else goes on: `workbench faults --lines --minutes N` runs it for long."""

from random import Random

import pytest

from workbench.faults.line_changes import CHANGES, LineChanges
from workbench.faults.town import Town


def test_line_that_comes_and_goes_harms_nothing_outside_it(town: Town, request: pytest.FixtureRequest) -> None:
    changes = LineChanges(town, Random(request.node.name))
    for platform_id in changes.platforms:
        if platform_id not in town.offices:
            town.start_office(platform_id)
    town.start("worker")

    verdict = changes.run()

    assert verdict.is_clean, str(verdict)
    assert changes.failed == []
    assert changes.pages[200] > len(CHANGES)
    assert changes.orphans == []
    assert set(changes.done) == set(CHANGES)
    assert verdict.shown == len(changes.inside.receipts.shown) + len(changes.outside.receipts.shown) > 20
