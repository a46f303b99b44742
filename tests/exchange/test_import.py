"""A table comes in: nothing guessed, every refusal with row and reason, and one import taken back exactly."""

from datetime import date
from typing import Any

import pytest
from exchange_files import HEAD, csv_file, excel_file, number
from sqlmodel import select

from workbench.exchange.models import ImportedRow, ImportRow
from workbench.exchange.read_row import Terms, read_row
from workbench.exchange.read_table import read_table
from workbench.exchange.report import read_report
from workbench.exchange.targets import guess_columns, targets
from workbench.exchange.upload import check, undo_import, upload
from workbench.exchange.work import Import, next_import
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, current_facts, read_history, record_facts
from workbench.people.find import find_people
from workbench.people.households import members_of
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.store.problems import Problem, Problems

FAMILY = (
    ("测试户主", number(911), "男", "19900000911", "示范路1号", "A1", "户主"),
    ("测试配偶", number(912), "女", "19900000912", "示范路1号", "A1", "配偶"),
)


def rows_of(act, import_id: str) -> dict[int, dict[str, Any]]:
    with act("approver1") as ctx:
        return {
            row.number: {"state": row.state, "said": row.problems.get("list", [])}
            for row in read_report(ctx, import_id)
        }


@pytest.mark.parametrize("make", [csv_file, excel_file, lambda *rows: csv_file(*rows, encoding="gb18030")])
def test_residents_households_and_facts_come_in(act, bring_in, state_of, make) -> None:
    import_id = bring_in(make(*FAMILY), name="a.xlsx")
    assert state_of(import_id) == ("done", {"new": 2})
    with act() as ctx:
        (head,) = find_people(ctx, number(911))
        assert (head.name, head.sex) == ("测试户主", "1")
        fact = current_facts(ctx, head.id)["person.residence_address"]
        assert (fact.value, fact.rank, fact.source, fact.as_of) == (
            "示范路1号",
            "department",
            "民政局 老年人台账",
            date(2026, 10, 31),
        )
        home = ctx.session.get_one(PersonRow, head.id).household_id
        assert [(one.name, one.relation) for one in members_of(ctx, home or "")] == [
            ("测试户主", "02"),
            ("测试配偶", "10"),
        ]


def test_dry_run_writes_nothing(act, bring_in, state_of) -> None:
    import_id = bring_in(csv_file(*FAMILY), "checked")
    assert state_of(import_id) == ("checked", {"new": 2})
    with act() as ctx:
        assert find_people(ctx, "测试户主") == []


BAD = {
    "power of ten in text": (("测试甲", "3.20525E+17", "", "", "", "", ""), "证件号码", "末尾的数字已丢失"),
    "one as an ID": (("测试甲", "1", "", "", "", "", ""), "证件号码", "18位"),
    "swapped columns": ((number(921), "测试甲", "", "", "", "", ""), "姓名", "对调"),
    "wrong check digit": (("测试甲", number(921)[:-1] + "0", "", "", "", "", ""), "证件号码", "校验"),
    "no ID and no reason": (("测试甲", "", "", "", "", "", ""), "证件号码", "证件"),
    "phone": (("测试甲", number(921), "", "12345", "", "", ""), "手机号", "电话号码"),
    "sex": (("测试甲", number(921), "公", "", "", "", ""), "性别", "不在可选的值里"),
    "relation": (("测试甲", number(921), "", "", "", "B", "邻居"), "与户主关系", "家庭关系"),
    "no name": (("", number(921), "", "", "", "", ""), "姓名", "姓名"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_row_is_refused_with_its_column_and_reason(act, bring_in, state_of, what: str) -> None:
    row, column, words = BAD[what]
    import_id = bring_in(csv_file((*FAMILY[0][:5], "", ""), row))
    assert state_of(import_id)[1] == {"new": 1, "refused": 1}
    said = rows_of(act, import_id)[3]["said"]
    assert [(name, words in zh, bool(en)) for name, zh, en in said][:1] == [(column, True, True)]
    with act() as ctx:
        assert find_people(ctx, "测试甲") == []


def test_id_number_kept_as_a_number_by_excel_is_never_guessed(act, bring_in, state_of) -> None:
    import_id = bring_in(excel_file(("测试甲", int(number(921)[:17] + "0"), "", "", "", "", "")), name="a.xlsx")
    assert state_of(import_id) == ("done", {"refused": 1})
    assert "不能猜" in rows_of(act, import_id)[2]["said"][0][1]


@pytest.mark.parametrize(
    "text",
    ["1970-1-2 0.0.0.0", "1970-01-02 0.0.0.0", "01/02/1970", "1970-13-01", "25569", "昨天", "1970-01-02 08:00:00"],
)
def test_day_written_in_no_usual_way_is_refused(text: str) -> None:
    table = read_table(csv_file(("测试甲", number(921), text), head=("姓名", "证件号码", "出生日期")), "a.csv")
    columns = {int(place): key for place, key in guess_columns(table.names).items()}
    read = read_row(table.rows[0], columns, Terms("word", "本人"), date(2026, 11, 26))
    assert [problem.code for _place, problem in read.problems] == ["not_a_date"]


@pytest.mark.parametrize("text", ["1945-03-01", "1945/3/1", "1945年3月1日", "19450301", "1945.3.1"])
def test_day_written_in_a_usual_way_is_read(text: str) -> None:
    table = read_table(csv_file(("测试甲", number(921), text), head=("姓名", "身份证号", "出生年月日")), "a.csv")
    columns = {int(place): key for place, key in guess_columns(table.names).items()}
    read = read_row(table.rows[0], columns, Terms("word", "本人"), date(2026, 11, 26))
    assert (read.problems, read.person and read.person.birth_date) == ([], date(1945, 3, 1))


def test_duplicates_are_shown_and_never_made(act, bring_in, state_of, known) -> None:
    twice = ("测试乙", number(931), "", "19900000931", "", "", "")
    nameless = ("测试已有", "", "证件遗失", "19900000901")
    import_id = bring_in(csv_file(twice, twice))
    assert state_of(import_id)[1] == {"new": 1, "refused": 1}
    assert "第2行" in rows_of(act, import_id)[3]["said"][0][1]
    likely = bring_in(csv_file(nameless, head=("姓名", "证件号码", "没有证件号码的原因", "电话")))
    assert state_of(likely)[1] == {"likely": 1}
    with act("approver1") as ctx:
        (row,) = read_report(ctx, likely)
        assert row.made["likely"] == [known]
        assert ctx.session.exec(select(PersonRow).where(PersonRow.name == "测试已有")).all() == [
            ctx.session.get_one(PersonRow, known)
        ]


def test_person_of_another_hub_is_refused(act, bring_in, state_of) -> None:
    with act("worker21") as ctx:
        register_person(ctx, PersonInput(name="测试外", id_no=number(941)))
    import_id = bring_in(csv_file(("测试外", number(941), "", "", "", "", "")))
    assert state_of(import_id)[1] == {"refused": 1}


def person_as_it_is(ctx, person_id: str) -> tuple[Any, ...]:
    ctx.session.expire_all()
    row = ctx.session.get_one(PersonRow, person_id)
    history = {
        key: [(f.value, f.rank, f.source, f.as_of, f.recorded_at) for f in facts]
        for key, facts in read_history(ctx, person_id).items()
    }
    return row.name, row.sex, row.birth_date, row.phone, row.phone_masked, row.household_id, row.status, history


def test_import_taken_back_leaves_files_as_before_and_what_came_later(act, bring_in, state_of, known) -> None:
    with act() as ctx:
        before = person_as_it_is(ctx, known)
    more = ("测试改名", number(901), "", "19911111111", "新路9号", "A1", "女婿")
    import_id = bring_in(csv_file(*FAMILY, more))
    assert state_of(import_id)[1] == {"new": 2, "known": 1}
    with act() as ctx:
        assert person_as_it_is(ctx, known) != before
        (head,) = find_people(ctx, number(911))
        (wife,) = find_people(ctx, number(912))
        record_facts(ctx, head.id, [FactInput("person.residence_address", "后来的路2号")])  # used since
    with act("approver1") as ctx:
        with pytest.raises(Problem, match="reason_missing"):
            undo_import(ctx, import_id, "")
        undo_import(ctx, import_id, "导错了文件")
    bring_in.work(import_id)
    assert state_of(import_id)[0] == "undone"
    with act() as ctx:
        assert person_as_it_is(ctx, known) == before
        assert find_people(ctx, number(912)) == []
        assert ctx.session.get_one(PersonRow, wife.id).id_index is None
        history = read_history(ctx, head.id)
        assert {key: [fact.value for fact in facts] for key, facts in history.items()} == {
            "person.residence_address": ["后来的路2号"]
        }
        assert [hit.id for hit in find_people(ctx, number(911))] == [head.id]
        undone = {row.number: row.undone for row in read_report(ctx, import_id)}
        assert undone == {2: "file_stays", 3: "closed", 4: "withdrawn"}
    again = bring_in(csv_file((*FAMILY[1][:5], "", "")))  # the number is free again
    assert state_of(again)[1] == {"new": 1}


def test_work_goes_on_where_a_process_stopped(act, bring_in, state_of, monkeypatch) -> None:
    monkeypatch.setattr("workbench.exchange.work.PART", 2)
    many = [(f"测试{'甲乙丙丁戊'[n]}", number(950 + n), "", f"199000009{50 + n}", "", "", "") for n in range(5)]
    with act("approver1") as ctx:
        row = upload(ctx, "a.csv", csv_file(*many))
        check(ctx, row.id, row.columns, {"rank": "word", "source": "本人", "as_of": "", "reason": "测试"})
        import_id = row.id
        assert next_import(ctx.session)[0] == import_id
    with act("approver1") as ctx:
        assert Import(ctx, import_id).work(ctx) is True
    with act("approver1") as ctx:
        assert ctx.session.get_one(ImportRow, import_id).at_row == 2
    with pytest.raises(RuntimeError), act("approver1") as ctx:
        Import(ctx, import_id).work(ctx)
        raise RuntimeError  # the process dies before it commits
    bring_in.work(import_id)
    assert state_of(import_id) == ("checked", {"new": 5})
    with act("approver1") as ctx:
        assert len(ctx.session.exec(select(ImportedRow)).all()) == 5


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_heading"), (b"PK\x03\x04broken", "file_unreadable"), (b"\xd0\xcf\x11\xe0old", "file_old"),
        (b"\xff\xfe\x00\x00", "file_encoding"), ("姓名,证件号码\r\n".encode(), "no_rows"),
        ('姓名,证\r\n"a'.encode(), "file_unreadable"),
    ],
)  # fmt: skip
def test_file_that_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        read_table(content, "a")
    assert refused.value.code == code


def test_columns_are_guessed_by_the_words_of_the_dictionary() -> None:
    names = (
        "居民姓名",
        "公民身份号码",
        "Sex",
        "联系电话",
        "民族",
        "文化程度",
        "低保证编号",
        "户号",
        "与户主关系",
        "备注",
    )
    guessed = guess_columns(names)
    assert [guessed.get(str(n), "") for n in range(10)] == [
        "person.name", "person.id_no", "person.sex", "person.phone", "person.ethnic", "person.education",
        "dibao.card_no", "household.number", "household.relation", "",
    ]  # fmt: skip
    assert all(key in targets() for key in guessed.values())


def test_columns_and_source_must_be_said(act) -> None:
    with act("approver1") as ctx:
        row = upload(ctx, "a.csv", csv_file(*FAMILY))
        with pytest.raises(Problems) as refused:
            check(ctx, row.id, {"0": "person.phone", "1": "person.phone", "5": "household.number"}, {"rank": "x"})
        fields = {one.field for one in refused.value.problems}
        assert {"columns", "column-0", "column-1", "rank", "source", "reason"} <= fields


def test_report_names_column_and_reason_and_nothing_typed(act, bring_in) -> None:
    import_id = bring_in(csv_file(("测试甲", "3.20525E+17", "", "", "", "", "")))
    with act("approver1") as ctx:
        (row,) = ctx.session.exec(select(ImportedRow).where(ImportedRow.import_id == import_id)).all()
        assert "3.20525" not in str(row.problems)
        assert row.problems["list"][0][0] == HEAD[1]
