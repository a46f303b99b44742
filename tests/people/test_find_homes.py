"""Households are found by any parts of their address and by their head; nobody reads an address from what finds it."""

import pytest
from conftest import Act
from sqlmodel import select

from workbench.people.address_keys import address_keys, address_parts, query_keys
from workbench.people.find_homes import find_households, looks_like_address
from workbench.people.household_events import Leaving, leave, move_house, open_household
from workbench.people.household_models import AddressKeyRow
from workbench.people.household_record import Deed
from workbench.people.register import register_person

ADDRESS = "示范市示范区示范街道梧桐社区梧桐路12号3幢2单元502室"


@pytest.fixture
def homes(act: Act, make_input, make_number) -> dict[str, str]:
    """Three households: name of the head -> id."""
    with act() as ctx:
        found = {}
        addresses = (ADDRESS, "示范街道春晓路12号3幢2单元502室", "梧桐路99号")
        for number, (name, address) in enumerate(zip(("单雄", "区重庆", "张伟"), addresses, strict=True)):
            person = register_person(ctx, make_input(name, id_no=make_number(sequence=901 + number))).id
            found[name] = open_household(ctx, person, address, {}, Deed()).household_id
        return found


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("梧桐路12号3幢2单元502室", ["单雄"]),
        ("梧桐路12-3-2-502", ["单雄"]),
        ("梧桐 12-3-2-502", ["单雄"]),
        ("梧桐路 12号", ["单雄"]),
        ("梧桐路", ["单雄", "张伟"]),
        ("桐路 3-2-502", ["单雄"]),
        ("梧桐路 3幢2单元502", ["单雄"]),
        ("12号3幢2单元502室", ["单雄", "区重庆"]),
        ("梧桐路十二号", ["单雄"]),
        ("梧桐路１２号", ["单雄"]),
        ("梧桐路13号", []),
        ("户主单雄", ["单雄"]),
        ("户主shanx", ["单雄"]),
        ("户主ouchongqing", ["区重庆"]),
        ("户主", []),
        ("", []),
    ],
)
def test_household_is_found(act: Act, homes, text: str, heads: list[str]) -> None:
    with act() as ctx:
        assert sorted(hit.head for hit in find_households(ctx, text)) == sorted(heads)


def test_household_is_found_at_its_hub_only_and_under_its_new_address(act: Act, homes) -> None:
    with act("worker21") as ctx:
        assert find_households(ctx, "梧桐路") == []
    with act() as ctx:
        move_house(ctx, homes["张伟"], "和平里5号", Deed())
        assert [hit.head for hit in find_households(ctx, "梧桐路")] == ["单雄"]
        assert [hit.id for hit in find_households(ctx, "和平里5号")] == [homes["张伟"]]


def test_household_nobody_lives_in_is_left_out(act: Act, homes) -> None:
    with act() as ctx:
        (hit,) = find_households(ctx, "梧桐路99号")
        leave(ctx, hit.id, Leaving((hit.head_id,)), Deed())
        assert find_households(ctx, "梧桐路99号") == []


def test_marks_hold_no_address(act: Act, homes) -> None:
    with act() as ctx:
        keys = [row.key for row in ctx.session.exec(select(AddressKeyRow))]
        assert keys
        assert all(len(key) == 16 for key in keys)
        assert not any(part.encode() in key for key in keys for part in ("梧桐", "502"))


def test_parts_leave_out_the_area_and_words_for_numbers() -> None:
    assert address_parts(ADDRESS) == ["梧桐社区", "梧桐路", "12", "3", "2", "502"]
    assert "梧桐路|12" in address_keys(ADDRESS)
    assert "502" not in address_keys(ADDRESS)
    assert query_keys("502") == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("张伟", False), ("路遥", False), ("梧桐路", True), ("梧桐3号", True), ("zw", False), ("1234", False)],
)
def test_address_is_told_from_a_name(text: str, is_one: bool) -> None:
    assert looks_like_address(text) is is_one
