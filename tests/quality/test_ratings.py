"""A visit is rated once; a bad rating is called back and settled; nobody is named before."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from screens import World, give_role, load_made
from sqlmodel import select

from workbench.identity import floods
from workbench.quality.models import MatterRatingRow, VisitRatingRow
from workbench.quality.rate import rate, read_visit, token_of
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.problems import Problem


def made(world: World, act: Any) -> tuple[str, str, str]:
    """A visit with one accepted matter: its token, its id, the case."""
    with act("worker1") as ctx:
        case = world.make_case(ctx, "MZ-001")
        return token_of(ctx.keys, case.reception_id), case.reception_id, case.id


def test_visit_is_rated_once_with_each_of_its_matters(world: World, act: Any) -> None:
    token, visit_id, case_id = made(world, act)
    resident = world.app.test_client()
    page = resident.get(f"/rate/{token}")
    assert page.status_code == 200
    assert "测试甲" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert resident.post(f"/rate/{token}", data={"score": ""}).status_code == 422
    assert resident.post(f"/rate/{token}", data={"score": "5", "at": "screen"}).status_code == 303
    assert resident.post(f"/rate/{token}", data={"score": "1"}).status_code == 409
    assert 'name="score"' not in resident.get(f"/rate/{token}").text
    with act("worker1") as ctx:
        row = ctx.session.get_one(VisitRatingRow, visit_id)
        assert (row.level, row.state, row.channel, row.due_on) == (1, "good", "PAD", None)
        assert ctx.session.get_one(MatterRatingRow, case_id).level == 1


def test_token_of_another_visit_or_of_nobody_is_not_taken(world: World, act: Any) -> None:
    token, _, _ = made(world, act)
    other, _, _ = made(world, act)
    resident = world.app.test_client()
    mixed = f"{token.partition('.')[0]}.{other.partition('.')[2]}"
    for wrong in (mixed, token[:-1], "x" * 47, "01ARZ3NDEKTSV4RRFFQ69G5FAV." + "0" * 20):
        assert resident.get(f"/rate/{wrong}").status_code == 404
        assert resident.post(f"/rate/{wrong}", data={"score": "5"}).status_code == 404


def test_flood_of_ratings_is_stopped(world: World, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "RATING", floods.Limit("rating", {"address": 2}))
    token, _, _ = made(world, act)
    resident = world.app.test_client()
    tries = [resident.post(f"/rate/{token}", data={"score": ""}).status_code for _ in range(3)]
    assert tries == [422, 422, 429]


def test_bad_rating_has_fifteen_working_days(world: World, act: Any) -> None:
    _, visit_id, case_id = made(world, act)
    day = datetime(2026, 9, 18, 10, tzinfo=SHANGHAI)
    with act("worker1", clock=Clock(day - datetime.now(UTC))) as ctx:
        load_made(ctx)
        visit = read_visit(ctx, visit_id)
        assert visit is not None
        row = rate(ctx, visit, 2, {case_id: 5}, words="等了太久", channel="QR")
        # Sun 20 Sep made up (1), 21-24 (5), 28-30 (8), 8-9 Oct (10), Sat 10 (11), 12-15 (15).
        assert (row.level, row.worst, row.state, row.due_on) == (2, 5, "open", date(2026, 10, 15))


def test_nobody_sees_who_rated_before_it_is_settled_after_a_call(world: World, act: Any) -> None:
    token, visit_id, _ = made(world, act)
    world.app.test_client().post(f"/rate/{token}", data={"score": "1", "words": "态度不好"})
    worker, admin = world.sign_in("worker1"), world.sign_in("hubadmin1")
    seen = worker.get("/h/wutong/ratings")
    assert seen.status_code == 200
    assert visit_id not in seen.text
    url = f"/h/wutong/ratings/{visit_id}"
    assert worker.get(url).status_code == 403
    assert world.sign_in("worker21").get(f"/h/yinxing/ratings/{visit_id}").status_code == 403
    page = admin.get(url)
    assert "态度不好" in page.text
    assert "测试甲" in page.text
    done = {"action": "settle", "finding": "属实", "measure": "道歉并培训"}
    assert admin.post(url, data=done).status_code == 409  # not called back yet
    assert admin.post(url, data={"action": "called"}).status_code == 303
    assert admin.post(url, data=done | {"measure": ""}).status_code == 422
    assert admin.post(url, data=done).status_code == 303
    assert admin.post(url, data=done).status_code == 409
    with act("hubadmin1") as ctx:
        row = ctx.session.exec(select(VisitRatingRow)).one()
        assert (row.state, row.measure, row.called_at is not None) == ("settled", "道歉并培训", True)


def test_whoever_was_rated_never_settles_it(world: World, act: Any) -> None:
    token, visit_id, _ = made(world, act)
    world.app.test_client().post(f"/rate/{token}", data={"score": "2"})
    with act("worker1") as ctx:
        give_role(ctx, "worker1", "policy")
    rated = world.sign_in("worker1")
    assert rated.get(f"/h/wutong/ratings/{visit_id}").status_code == 404
    assert rated.post(f"/h/wutong/ratings/{visit_id}", data={"action": "called"}).status_code == 404
    with act("worker1") as ctx:
        assert ctx.session.get_one(VisitRatingRow, visit_id).called_at is None


def test_receipt_carries_the_code_of_its_visit(world: World, act: Any) -> None:
    token, _, case_id = made(world, act)
    client = world.sign_in("worker1")
    page = client.get(f"/h/wutong/cases/{case_id}/receipt")
    assert f"/rate/{token}?at=screen" in page.text
    assert client.get(f"/h/wutong/cases/{case_id}/rate.svg").data.startswith(b"<?xml")
    assert client.get(f"/h/wutong/cases/{case_id}/receipt.pdf").data.startswith(b"%PDF")


def test_two_ratings_at_once_keep_one(world: World, act: Any) -> None:
    _, visit_id, _ = made(world, act)
    with act("worker1") as ctx:
        visit = read_visit(ctx, visit_id)
        assert visit is not None
        rate(ctx, visit, 1, {}, words="", channel="QR")
        with pytest.raises(Problem, match="rated_already"):
            rate(ctx, visit, 5, {}, words="", channel="QR")
