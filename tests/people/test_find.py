import pytest
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from workbench.people.find import by_name, explain_nothing, find_people
from workbench.people.register import PlaceInput, place_person, register_person


@pytest.fixture
def people(act, make_input, make_number) -> dict[str, str]:
    with act() as ctx:
        names = ["张伟", "张伟芳", "单雄", "阿依古丽·买买提", "王𠮷"]
        rows = [
            register_person(ctx, make_input(name, id_no=make_number(sequence=901 + place), phone=f"1540000000{place}"))
            for place, name in enumerate(names)
        ]
        return {row.name: row.id for row in rows}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张伟", ["张伟", "张伟芳"]),
        ("伟芳", ["张伟芳"]),
        ("zhangw", ["张伟", "张伟芳"]),
        ("ZWF", ["张伟芳"]),
        ("shanx", ["单雄"]),
        ("dx", ["单雄"]),
        ("买买提", ["阿依古丽·买买提"]),
        ("阿依古丽•买买提", ["阿依古丽·买买提"]),
        ("𠮷", ["王𠮷"]),
        ("wang", ["王𠮷"]),
        ("154 0000 0002", ["单雄"]),
        ("李", []),
        ("", []),
        ("%", []),
        ("_", []),
        ("1540", []),
        ("张\x00伟", ["张伟", "张伟芳"]),
        ("\ud840", []),
        ("\U0010ffff", []),
        ("张" * 500, []),
    ],
)
def test_box_finds(act, people, text: str, names: list[str]) -> None:
    with act() as ctx:
        assert [hit.name for hit in find_people(ctx, text)] == names


def test_number_typed_with_spaces_and_small_x_is_found(act, people, make_number) -> None:
    with act() as ctx:
        number = make_number(sequence=903)
        typed = f"{number[:6]} {number[6:14]} {number[14:].lower()}"
        (hit,) = find_people(ctx, typed)
        assert (hit.id, hit.id_masked, hit.phone_masked) == (
            people["单雄"],
            f"990***********{number[-4:]}",
            "154****0002",
        )


def test_passport_is_found_by_its_number(act, make_input) -> None:
    with act() as ctx:
        register_person(ctx, make_input("John Smith", id_type="414", id_no="E1234567"))
        assert [hit.name for hit in find_people(ctx, "e1234567")] == ["John Smith"]


def test_other_hub_is_found_only_by_full_number_and_only_when_asked(act, people, make_number) -> None:
    number = make_number(sequence=901)
    with act("worker21") as ctx:
        assert find_people(ctx, number) == []
        assert [hit.hub_id for hit in find_people(ctx, number, citywide=True)] == ["wutong"]
        assert find_people(ctx, "张伟", citywide=True) == []
        assert find_people(ctx, "15400000000", citywide=True) == []


def test_merged_person_is_not_found(act, people) -> None:
    with act() as ctx:
        row = place_person(ctx, people["单雄"], PlaceInput())
        row.status, row.merged_into = "merged", people["张伟"]
    with act() as ctx:
        assert find_people(ctx, "单雄") == []


def test_limit_is_kept_and_nobody_is_listed_twice(act, people) -> None:
    with act() as ctx:
        assert [hit.name for hit in find_people(ctx, "z", limit=1)] == ["张伟"]
        assert len({hit.id for hit in find_people(ctx, "a")}) == len(find_people(ctx, "a")) == 1


@pytest.mark.parametrize("text", ["张", "990100198001019012", "15400000001"])
def test_find_takes_one_statement(act, people, store, text: str) -> None:
    statements: list[str] = []
    with act() as ctx:
        assert isinstance(ctx.session, Session)
        ctx.session.flush()
        event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        find_people(ctx, text)
    assert len([text for text in statements if text.startswith("SELECT")]) == 1


def test_search_by_name_has_no_values_but_the_hub_and_what_was_typed() -> None:
    compiled = by_name(60).statement.compile(dialect=postgresql.dialect())
    assert set(compiled.params) == {"hub", "first", "beyond"}, "PostgreSQL plans at every search for any other"


def test_wrong_number_is_explained() -> None:
    wrong, short = explain_nothing("990100198001019019"), explain_nothing("1540000000")
    assert wrong is not None and short is not None
    assert (wrong.code, short.code) == ("id_checksum", "id_length")
    assert explain_nothing("张伟") is None
    assert explain_nothing("15400000001") is None
