"""The sample line of another department keeps the contract, and its pages say what each hub has set for it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.hubs.hub_settings import write_setting
from workbench.hubs.models import HubRow
from workbench.testing.line_contract import LINE_PROMISES
from workbench.testing.line_under_test import HUB, LineUnderTest
from workbench.testing.promises import broken

FOLDER = Path(__file__).parents[1] / "packages" / "pet_registry" / "pet_registry"


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Iterator[LineUnderTest]:
    """The line of the package, which is not installed."""
    monkeypatch.syspath_prepend(FOLDER.parent)
    test = LineUnderTest(FOLDER)
    yield test
    test.close()
    for name in [name for name in sys.modules if name.partition(".")[0] == FOLDER.name]:
        del sys.modules[name]


def test_setting_of_a_line_is_the_hubs_own_else_inherited_else_the_default(sample: LineUnderTest) -> None:
    sample.site.open()
    path = f"/h/{HUB.id}/{FOLDER.name}/panel/{sample.site.person_id}"

    def said() -> str:
        return str(sample.site.client("worker").get(path).get_data(as_text=True))

    owner, key = f"line:{FOLDER.name}", "vaccination_point"
    assert "街道动物防疫站" in said()
    with sample.site.acting() as ctx:
        ctx.session.add(HubRow(id="street", name_zh="街道", name_en="Street", shape="single", division="990100001000"))
        ctx.session.flush()
        ctx.session.get_one(HubRow, HUB.id).parent_id = "street"
        for hub_id, value in (("street", "区防疫站"), (HUB.id, "<b>本站</b>")):
            write_setting(ctx.at(type(HUB)(hub_id, "", "", HUB.division)), owner, key, value)
    assert "&lt;b&gt;本站&lt;/b&gt;" in said()
    with sample.site.acting() as ctx:
        write_setting(ctx, owner, key, "")
    assert "区防疫站" in said()


def test_sample_keeps_every_promise(sample: LineUnderTest) -> None:
    assert broken(LINE_PROMISES, sample) == {}
