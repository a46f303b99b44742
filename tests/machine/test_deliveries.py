"""Deliveries over the interface: where each stands, in words, without a person's data."""

import pytest
from conftest import Act

from workbench.delivery.models import DeliveryRow, PlatformRow


def test_deliveries_are_listed_with_words(machine, order) -> None:
    case = machine.post("/cases", order()).json
    [sent] = machine.get("/deliveries").json["deliveries"]

    assert (sent["case_id"], sent["state"], sent["who"]["zh"]) == (case["id"], "waiting", "系统")
    assert sent["platform_name"]["zh"] in sent["text"]["zh"]
    assert sent["created_at"].endswith("Z")
    assert machine.get(f"/deliveries/{sent['id']}").json == sent
    assert "测试甲" not in str(sent)


def test_a_closed_platform_says_why_it_waits(machine, order, act: Act) -> None:
    machine.post("/cases", order())
    [sent] = machine.get("/deliveries").json["deliveries"]
    with act() as ctx:
        row = ctx.session.get(PlatformRow, sent["platform"]) or PlatformRow(platform_id=sent["platform"])
        row.closed_until, row.closed_reason = ctx.clock.now(), "platform-down"
        ctx.session.add(row)

    assert "cannot be reached" in machine.get(f"/deliveries/{sent['id']}").json["text"]["en"]


def test_deliveries_are_chosen_and_paged(machine, order, act: Act) -> None:
    for _ in range(3):
        machine.post("/cases", order())
    everything = [sent["id"] for sent in machine.get("/deliveries").json["deliveries"]]
    with act() as ctx:
        ctx.session.get_one(DeliveryRow, everything[1]).state = "done"
    first = machine.get("/deliveries?limit=2").json
    second = machine.get(f"/deliveries?limit=2&after={first['next']}").json

    assert [sent["id"] for sent in first["deliveries"] + second["deliveries"]] == everything
    assert second["next"] is None
    assert [sent["id"] for sent in machine.get("/deliveries?state=done").json["deliveries"]] == [everything[1]]
    platform = machine.get("/deliveries").json["deliveries"][0]["platform"]
    assert len(machine.get(f"/deliveries?platform={platform}").json["deliveries"]) == 3
    assert machine.get("/deliveries?platform=nobody.nothing").json["deliveries"] == []


def test_deliveries_of_another_hub_are_not_there(machine, neighbour, order) -> None:
    machine.post("/cases", order())
    [sent] = machine.get("/deliveries").json["deliveries"]

    assert neighbour.get("/deliveries").json["deliveries"] == []
    assert neighbour.get(f"/deliveries/{sent['id']}").json["code"] == "no_such_delivery"


@pytest.mark.parametrize("query", ["state=lost", "platform=%27", "after=99999999999999999999", "limit=0"])
def test_deliveries_are_asked_strictly(machine, query: str) -> None:
    assert machine.get(f"/deliveries?{query}").status_code == 422
