import pytest

from workbench.rules.errors import RuleError
from workbench.rules.parse import MAX_LENGTH, parse
from workbench.rules.tree import And, Compare, In, Literal, Name, Not
from workbench.rules.vocabulary import load_vocabulary


def refused(text: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        parse(text)
    return caught.value


def test_every_expression_of_the_catalogue_is_read(expressions):
    assert len(expressions) >= 130
    for text in expressions:
        assert parse(text).names, text


def test_names_are_given_once_in_the_order_written():
    rule = parse("age >= 80 or (dibao.active and age >= 60)")
    assert rule.names == ("age", "dibao.active")


def test_reading_the_same_text_again_gives_the_same_rule():
    assert parse("age >= 71") is parse("age >= 71")
    assert parse("age >= 71", load_vocabulary()) is parse("age >= 71")


def test_a_literal_on_the_left_is_turned_round():
    assert parse("60 <= age").tree == parse("age >= 60").tree


def test_a_chain_becomes_an_and():
    age = Name(load_vocabulary()["age"])
    assert parse("16 <= age < 60").tree == And((Compare(">=", age, Literal(16)), Compare("<", age, Literal(60))))


def test_comparing_with_true_and_false_is_the_name_or_its_not():
    local = Name(load_vocabulary()["hukou.local"])
    assert parse("hukou.local == True").tree == local
    assert parse("False != hukou.local").tree == local
    assert parse("hukou.local == False").tree == Not(local)


def test_not_in_is_not_of_in():
    sex = Name(load_vocabulary()["sex"])
    assert parse("sex not in ['1']").tree == Not(In(sex, (Literal("1"),)))


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("agee >= 60", 1, "did you mean age?"),
        ("hukou.local and dibao.activ", 17, "did you mean dibao.active?"),
        ("'中文' == sexx", 9, "did you mean sex?"),
        ("  age >= 60 or x", 16, "the vocabulary lists every name"),
        ("age >= '60'", 1, "numbers have no quotes, codes have them"),
        ("sex == 1", 1, "numbers have no quotes, codes have them"),
        ("birth_date >= '1933-01-01'", 1, 'write date("YYYY-MM-DD")'),
        ("date('2020-02-30') < birth_date", 1, 'write date("2024-01-31")'),
        ("employment.kind == 'flexble'", 1, "did you mean 'flexible'?"),
        ("disability.category in ['5','8']", 29, "one of 1, 2, 3, 4, 5, 6, 7"),
        ("sex > '1'", 1, "use ==, != or in"),
        ("age and hukou.local", 1, "compare it with something"),
        ("dibao.active == tekun.active", 1, "write the name itself, or not and the name"),
        ("dibao.active < True", 1, "use == or !="),
        ("age == None", 8, "an unknown fact makes the rule unknown by itself"),
        ("age is 60", 1, "compare with =="),
        ("age = 60", 5, "compare with =="),
        ("age >= 60 && hukou.local", 12, "write and, not &&"),
        ("age >= 60 || hukou.local", 12, "write or, not ||"),
        ("!hukou.local", 1, "write not, not !"),
        ("（age >= 60）", 1, "write ASCII brackets, commas and quotes"),
        ("(age >= 60", 1, "check brackets and quotes"),
        ("sex in '12'", 8, "for example in ['1','2']"),
        ("sex in []", 8, "for example in ['1','2']"),
        ("age in [person.retirement_age]", 9, "write names with or"),
        ("1 < 2", 1, "a comparison needs a fact"),
        ("", 1, "leave the rule out instead"),
        ("   ", 1, "leave the rule out instead"),
    ],
)
def test_a_mistake_is_refused_with_column_and_hint(text, column, hint):
    error = refused(text)
    assert (error.column, error.hint) == (column, hint)
    assert f"column {column}" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "lambda: 1",
        "(lambda: hukou.local)()",
        "[x for x in (1,2)] == age",
        "{x: 1 for x in (1,)} == age",
        "hukou.__class__",
        "''.__class__.__mro__ == sex",
        "(1).__class__ == age",
        "__import__('os').system('true')",
        "open('x')",
        "date(2020, 1, 1) < birth_date",
        "date('2020-01-01', tz=1) < birth_date",
        "date(*['2020-01-01']) < birth_date",
        "birth_date.year.real == 2020",
        "age.year == 3",
        "age if hukou.local else 3",
        "(age := 3) > 2",
        "f'{age}' == sex",
        "b'1' == sex",
        "1j == age",
        "... == age",
        "age[0] == 1",
        "*age",
        "age, sex",
        "await age",
        "yield",
        "9 ** 9 ** 9 > age",
        "age % 2 == 0",
        "age // 2 == 0",
        "age << 64 > 1",
        "~age == 1",
        "+age == 1",
        "'a' * 1000000000 == sex",
        "1000000000 * 'a' == sex",
        "sex * 3 == '111'",
        "sex + '1' == '11'",
        "hukou.local + 1 > 1",
        "today - birth_date > 1",
        "-sex == '1'",
        "age > 1e999",
        "age > 10000000000000000",
        "age > " + "9" * 900,
        "sex == '" + "a" * 101 + "'",
        "(" * 300 + "age > 1" + ")" * 300,
        "not " * 200 + "hukou.local",
        "-" * 900 + "age > 1",
        "age" + " + age" * 150 + " > 1",
        "age > 1 # and so on",
        "age > 1\nor age < 1",
        "sex == '\\x31'",
        "age > 1\0",
        "age) or (sex == '1'",
        "age > 1; import os",
        "1if hukou.local else 2",
        "True",
        "60",
        "today",
    ],
)
def test_a_hostile_text_is_refused(text):
    assert refused(text).column >= 1


def test_a_long_text_is_refused_before_it_is_read():
    error = refused("(" * (MAX_LENGTH + 1))
    assert error.column == MAX_LENGTH + 1
