import pytest

from workbench.people.households import add_member, create_household, members_of, read_relation, remove_member
from workbench.people.register import NoSuchPerson, get_person, register_person
from workbench.store.problems import Problem


@pytest.fixture
def family(act, make_input, make_number) -> list[str]:
    with act() as ctx:
        names = ("张伟", "李芳", "张小明")
        numbers = (make_number(sequence=901), make_number(sequence=902), make_number("20100101"))
        return [
            register_person(ctx, make_input(name, id_no=number)).id for name, number in zip(names, numbers, strict=True)
        ]


def test_household_lists_its_members_head_first(act, family) -> None:
    with act() as ctx:
        home = create_household(ctx, family[0], "示范街道梧桐社区1号")
        add_member(ctx, home.id, family[2], "22")
        add_member(ctx, home.id, family[1], "1")
        members = members_of(ctx, home.id)
        assert [(member.name, member.relation) for member in members] == [
            ("张伟", "02"),
            ("李芳", "10"),
            ("张小明", "22"),
        ]
        assert members[0].since == ctx.clock.today()


def test_member_taken_out_and_back_again(act, family) -> None:
    with act() as ctx:
        home = create_household(ctx, family[0])
        add_member(ctx, home.id, family[1], "10")
        remove_member(ctx, home.id, family[1])
        remove_member(ctx, home.id, family[1])
        assert [member.name for member in members_of(ctx, home.id)] == ["张伟"]
        assert get_person(ctx, family[1]).household_id is None
        add_member(ctx, home.id, family[1], "10")
        assert len(members_of(ctx, home.id)) == 2


def test_member_of_another_household_is_refused(act, family) -> None:
    with act() as ctx:
        create_household(ctx, family[0])
        other = create_household(ctx, family[1])
        with pytest.raises(Problem) as caught:
            add_member(ctx, other.id, family[0], "10")
        assert caught.value.code == "in_another_household"


def test_household_of_another_hub_is_closed(act, family) -> None:
    with act() as ctx:
        home_id = create_household(ctx, family[0]).id
    with act("worker21") as ctx:
        assert members_of(ctx, home_id) == []
        with pytest.raises(Problem) as caught:
            remove_member(ctx, home_id, family[0])
        assert caught.value.code == "no_such_household"
        with pytest.raises(NoSuchPerson):
            create_household(ctx, family[1])


@pytest.mark.parametrize(("code", "read"), [("1", "10"), ("8", "80"), ("02", "02"), ("22", "22"), ("98", "98")])
def test_relation_is_written_with_two_digits(code: str, read: str) -> None:
    assert read_relation(code) == read


@pytest.mark.parametrize("code", ["", "00", "03", "99", "222", "配偶", "9"])
def test_relation_outside_the_standard_is_refused(code: str) -> None:
    with pytest.raises(Problem):
        read_relation(code)
