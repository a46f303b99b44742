"""Configuration of hubs as files: out, in again without a change, into an empty place, and what is wrong is said."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import col, select

from workbench.host.discover import Installed, discover
from workbench.hubs.hub_settings import read_settings, write_setting
from workbench.hubs.models import AdmissionRow, CommunityRow, HubRow, HubSettingRow, OpenLineRow
from workbench.hubs.open_lines import close_line, find_hub, open_line
from workbench.opening.configuration import Import, export_hubs
from workbench.opening.hub_file import BadFile, HubFile, read_files, write_toml
from workbench.store.context import Context
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]


@cache
def installed() -> Installed:
    return discover()


def bring_in(ctx: Context, files: list[HubFile], waived: str = "") -> Import:
    def at(hub_id: str) -> Context:
        hub = find_hub(ctx.session, hub_id)
        assert hub is not None
        return replace(ctx, hub=hub)

    done = Import(at, ctx.session, installed(), waived)
    done.run(files)
    return done


@pytest.fixture
def folder(act: Act, tmp_path: Path) -> Path:
    """The files of a hub with a community, lines in an order, a setting and a secret."""
    with act("hubadmin1") as ctx:
        ctx.session.add(CommunityRow(id="990100001001", hub_id="wutong", name_zh="梧桐“一”社区", name_en="Wutong \\ 1"))
        for line_id in ("social_security", "civil_affairs", "housing"):
            open_line(ctx, installed(), line_id)
        close_line(ctx, "housing")
        write_setting(ctx, "line:civil_affairs", "counter", "3 号")
        write_setting(ctx, "line:civil_affairs", "key", "very-secret", is_secret=True)
    with act("hubadmin1") as ctx:
        for one in export_hubs(ctx):
            (tmp_path / f"{one.id}.toml").write_text(write_toml(one), "utf-8")
    return tmp_path


def test_secrets_never_leave(folder: Path) -> None:
    text = (folder / "wutong.toml").read_text("utf-8")
    assert "3 号" in text
    assert "very-secret" not in text and '"key"' not in text


def test_what_went_out_comes_in_without_a_change(folder: Path, act: Act) -> None:
    files = read_files(folder)
    with act("sysadmin") as ctx:
        done = bring_in(ctx, files)
        assert (done.changes, done.left) == ([], [])
        assert [write_toml(one) for one in export_hubs(ctx)] == [write_toml(one) for one in files]


def test_another_place_becomes_the_same_and_then_nothing_changes(folder: Path, act: Act) -> None:
    text = (folder / "wutong.toml").read_text("utf-8").replace("990100001001", "990100001777")
    (folder / "copy.toml").write_text(text.replace('id = "wutong"', 'id = "copy"\nparent = "yinxing"', 1), "utf-8")
    with act("sysadmin") as ctx:
        first = bring_in(ctx, read_files(folder / "copy.toml"))
    assert "copy: new hub" in first.changes
    assert [text.partition(" is")[0] for text in first.left] == ["copy: social_security", "copy: civil_affairs"]

    with act("sysadmin") as ctx:
        second = bring_in(ctx, read_files(folder / "copy.toml"), waived="与梧桐站相同")
    assert {"copy: opened social_security", "copy: opened civil_affairs"} <= set(second.changes)
    with act("sysadmin") as ctx:
        third = bring_in(ctx, read_files(folder / "copy.toml"), waived="与梧桐站相同")
        assert (third.changes, third.left) == ([], [])
        opened = select(OpenLineRow.line_id).where(OpenLineRow.hub_id == "copy").order_by(col(OpenLineRow.position))
        assert list(ctx.session.exec(opened)) == ["social_security", "civil_affairs"]
        origins = set(ctx.session.exec(select(AdmissionRow.origin).where(AdmissionRow.hub_id == "copy")))
        assert origins == {"imported"}
        hub = ctx.session.get_one(HubRow, "copy")
        assert (hub.parent_id, hub.name_zh) == ("yinxing", "wutong站")


def test_import_keeps_secrets_and_takes_away_what_is_not_in_the_file(folder: Path, act: Act, store: Store) -> None:
    path = folder / "wutong.toml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("[[settings]]")].replace("is_open = true", "is_open = false", 1), "utf-8")
    with act("sysadmin") as ctx:
        done = bring_in(ctx, read_files(path))
    assert done.changes == ["wutong: setting counter of line:civil_affairs", "wutong: closed social_security"]
    with store.read() as session:
        assert list(session.exec(select(HubSettingRow.key))) == ["key"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('id = "a"\nname = "x"', "a.toml: name_zh"),
        ("id = ", "a.toml: "),
        ('id = "a"\nname_zh = "甲"\nname_en = "A"\nshape = "single"\ndivision = "99"\ncolour = "red"', "colour"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    with pytest.raises(BadFile) as raised:
        read_files(tmp_path)
    assert said in str(raised.value)


def test_parents_in_a_ring_and_nowhere_are_refused(act: Act) -> None:
    def hub(hub_id: str, parent: str) -> HubFile:
        return HubFile(id=hub_id, name_zh="甲", name_en="A", shape="single", division="99", parent=parent)

    with pytest.raises(BadFile, match="ring"), act("sysadmin") as ctx:
        bring_in(ctx, [hub("a", "b"), hub("b", "a")])
    with pytest.raises(BadFile, match="no hub 'c'"), act("sysadmin") as ctx:
        bring_in(ctx, [hub("a", "c")])


def test_settings_come_from_the_nearest_hub_above(act: Act) -> None:
    owner = "line:civil_affairs"
    with act("sysadmin", "yinxing") as ctx:
        ctx.session.add(HubRow(id="street", name_zh="街道", name_en="Street", shape="centre", division="990100001"))
        ctx.session.flush()
        ctx.session.get_one(HubRow, "yinxing").parent_id = "street"
        ctx.session.flush()
        ctx.session.get_one(HubRow, "wutong").parent_id = "yinxing"
        ctx.session.flush()
        street = find_hub(ctx.session, "street")
        assert street is not None
        for key in ("counter", "phone"):
            write_setting(ctx.at(street), owner, key, "street's")
        write_setting(ctx, owner, "phone", "yinxing's")
    with act("hubadmin1") as ctx:
        write_setting(ctx, owner, "hours", "own")
    with act("hubadmin1") as ctx:
        held = read_settings(ctx.session, "wutong", [owner])[owner]
        assert {key: (one.value, one.hub_id, one.is_own) for key, one in held.items()} == {
            "counter": ("street's", "street", False),
            "phone": ("yinxing's", "yinxing", False),
            "hours": ("own", "wutong", True),
        }
        assert write_setting(ctx, owner, "hours", "own") is False
        assert write_setting(ctx, owner, "hours", "") is True
        ctx.session.flush()
        assert "hours" not in read_settings(ctx.session, "wutong", [owner])[owner]


def test_hub_that_is_above_itself_ends_somewhere(act: Act) -> None:
    with act("hubadmin1") as ctx:
        ctx.session.get_one(HubRow, "wutong").parent_id = "wutong"
        ctx.session.flush()
        write_setting(ctx, "line:x", "k", "v")
        ctx.session.flush()
        assert read_settings(ctx.session, "wutong", ["line:x"])["line:x"]["k"].value == "v"
