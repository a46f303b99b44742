"""Items out and in with the national column names: nothing lost, nothing written over, errors beside the row."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from screens import World, text_of, world_at_line
from sqlmodel import select

from workbench.api.manifest import ItemManifest
from workbench.catalogue.item_words import item_words
from workbench.catalogue.loaded import catalogue
from workbench.catalogue.models import ItemEditionRow, ItemTableRow
from workbench.catalogue.national import Batch, beyond, columns, read_row, write_row
from workbench.exchange.read_table import read_table
from workbench.host.discover import discover
from workbench.store.context import Context

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/admin/item-tables"
Rows = list[dict[str, str]]


@pytest.fixture
def world(settings, store, monkeypatch, act: Act) -> Iterator[World]:
    rooms = ("people", "catalogue", "reception", "cases", "delivery", "admin")
    with world_at_line("civil_affairs", act, settings, store, monkeypatch, *rooms) as world:
        yield world


def export(world: World, kind: str = "csv") -> tuple[bytes, Rows]:
    content = world.sign_in("hubadmin1", "en").post(f"{PAGE}/out", data={"kind": kind, "line": "civil_affairs"}).data
    table = read_table(content, f"items.{kind}")
    return content, [dict(zip(table.names, (cell.text for cell in row), strict=True)) for row in table.rows]


def one(rows: Rows, code: str) -> dict[str, str]:
    return next(row for row in rows if row["local_catalog_code"] == code)


def send(world: World, rows: Rows, who: str = "hubadmin1", content: bytes = b"") -> str:
    """Send a table in; gives where it is looked at, or the page that refused it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    data = {"file": (io.BytesIO(content or text.getvalue().encode("gb18030")), "事项.csv"), "key": ""}
    answer = world.sign_in(who, "en").post(PAGE, data=data, content_type="multipart/form-data")
    return answer.headers.get("Location") or text_of(answer.text)


def looked(world: World, place: str) -> str:
    return text_of(world.sign_in("hubadmin1", "en").get(place).text)


def editions(act: Act) -> list[ItemEditionRow]:
    with act() as ctx:
        rows = list(ctx.session.exec(select(ItemEditionRow).order_by(ItemEditionRow.code)))
        ctx.session.expunge_all()
        return rows


def test_every_item_goes_out_and_comes_back_unchanged() -> None:
    items = catalogue(discover()).items
    batch = Batch("990100001001", "01", datetime(2026, 11, 22, tzinfo=UTC))
    back = [read_row(item, write_row(item, batch), "990100001001") for item in items]
    assert len(items) == 333 and back == [({}, {})] * 333
    long = [name for item in items for name, text in write_row(item, batch).items() if len(text) > _longest(name)]
    assert long == []


def _longest(name: str) -> int:
    return columns()[name].longest or 100_000


def test_every_part_of_an_item_is_named_and_stands_in_a_column_or_among_those_beyond() -> None:
    parts = set(ItemManifest.model_fields)
    kept = {column.ours for column in columns().values()} | {k for c in columns().values() for k in c.carries}
    assert set(item_words()) == parts
    assert set(beyond()) == parts - kept - {"version", "division", "steps"}
    assert {"materials", "fields", "rules"} <= set(beyond())


def test_table_has_the_national_columns_and_says_nothing_when_sent_back(world: World, act) -> None:
    for kind in ("csv", "xlsx"):
        content, rows = export(world, kind)
        assert list(rows[0]) == list(columns())
        row = one(rows, "MZ-001")
        assert (row["task_name"], row["promise_day"], row["promise_type"]) == ("最低生活保障对象认定及给付", "20", "1")
        assert row["by_law"].splitlines()[0] == "社会救助暂行办法(国务院令第649号)" and row["power_source"] == ""
        place = send(world, [], content=content)
        assert f"{len(rows)} Nothing changes" in looked(world, place)
    assert editions(act) == []


def test_change_becomes_a_draft_that_somebody_else_publishes(world: World, act) -> None:
    _content, rows = export(world)
    one(rows, "MZ-015")["promise_day"] = "3"
    place = send(world, rows)
    page = looked(world, place)
    assert "1 Becomes a draft" in page and "Promised days" in page and editions(act) == []
    client = world.sign_in("hubadmin1", "en")
    assert "State the reason" in text_of(client.post(f"{place}/drafts", data={"reason": ""}).text)
    for _click in range(2):
        client.post(f"{place}/drafts", data={"reason": "市里的年度清单"})
    (draft,) = editions(act)
    assert (draft.code, draft.state, draft.content["promised_days"]) == ("MZ-015", "draft", 3)
    assert draft.content["materials"] and draft.reason == "市里的年度清单"
    item = "/h/wutong/admin/items/MZ-015"
    client.post(f"{item}/publish", data={"version": draft.version})
    assert editions(act)[0].state == "draft"
    world.sign_in("sysadmin", "en").post(f"{item}/publish", data={"version": draft.version})
    assert editions(act)[0].state == "published"
    older = looked(world, send(world, rows))
    assert "exported from version 2026.1; now 2026.1+1 is in force" in older


def test_open_draft_is_never_written_over(world: World, act) -> None:
    _content, rows = export(world)
    one(rows, "MZ-015")["promise_day"] = "3"
    first = send(world, rows)
    world.sign_in("hubadmin1", "en").post(f"{first}/drafts", data={"reason": "清单"})
    assert "1 Drafted already" in looked(world, send(world, rows))
    one(rows, "MZ-015")["promise_day"] = "9"
    second = send(world, rows)
    assert "A draft of this item is open" in looked(world, second)
    world.sign_in("hubadmin1", "en").post(f"{second}/drafts", data={"reason": "清单"})
    assert [row.content["promised_days"] for row in editions(act)] == [3]


#: Column, what is written into it, what is said about that.
FAULTS = [
    ("promise_day", "soon", "承诺办结时限 promise_day Write a whole number of days"),
    ("promise_type", "2", "must have the same unit"),
    ("task_name", "", "must not be empty"),
    ("task_type", "77", "not in the code table"),
    ("handle_flow", "1. 别的", "Steps cannot be changed by a table"),
    ("village_code", "990100001002", "belongs to another place"),
    ("is_fee", "1", "Differs from the fee"),
    ("local_catalog_code", "QQ-001", "No item here has this code"),
    ("plan_effective_date", "tomorrow", "Write a day"),
    ("extend_field", "{", "JSON as it was exported"),
    ("task_version", "7", "Export again"),
]


def test_what_is_wrong_stands_beside_its_row_and_column(world: World, act) -> None:
    _content, rows = export(world)
    for column, text, words in FAULTS:
        wrong = [row | ({column: text} if row["local_catalog_code"] == "MZ-001" else {}) for row in rows]
        page = looked(world, send(world, wrong))
        assert "1 Cannot be taken in" in page and words in page, column
    assert editions(act) == []


def test_columns_of_which_nothing_is_kept_are_named(world: World) -> None:
    _content, rows = export(world)
    wanted = {name: one(rows, "MZ-001")[name] for name in ("local_catalog_code", "result_name")}
    page = looked(world, send(world, [wanted | {"link_way": "12345", "自定义": "x"}]))
    assert "咨询方式 link_way 1 row" in page and "自定义 1 row" in page and "1 Nothing changes" in page


def test_file_without_the_columns_is_refused(world: World, act) -> None:
    assert "The first row names the national columns" in send(world, [{"name": "x", "day": "y"}])
    with act() as ctx:
        assert ctx.session.exec(select(ItemTableRow)).all() == []


def test_tables_are_for_admins_of_their_hub(world: World) -> None:
    place = send(world, export(world)[1])
    assert world.sign_in("worker1").get(place).status_code == 403
    assert world.sign_in("worker1").post(f"{PAGE}/out", data={"kind": "csv"}).status_code == 403
    assert world.sign_in("sysadmin").get(place.replace("wutong", "yinxing")).status_code == 404
