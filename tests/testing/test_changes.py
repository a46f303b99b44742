"""The numbered list of what a pretend department said."""

import pytest

from workbench.testing.changes import ChangeList
from workbench.testing.department import DECIDES_AFTER, DepartmentHome


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(DECIDES_AFTER, "0")
    return DepartmentHome(tmp_path, "test.changes")


def told(changes, number=0, limit=100):
    return [(change.number, change.entry.key, change.status) for change in changes.since(number, limit)]


def test_each_state_of_a_matter_is_told_once_in_order(home):
    changes = ChangeList(home)
    home.take("K1", "C1", "apply", {}, prefix="T", decide=False)
    assert told(changes) == [(1, "K1", "accepted")]

    home.take("K2", "C2", "apply", {}, prefix="T")
    home.decide("K1", "refused")

    assert told(changes) == [(1, "K1", "accepted"), (2, "K1", "refused"), (3, "K2", "granted")]


def test_same_number_gives_the_same_answer_after_a_restart(home):
    home.take("K1", "C1", "apply", {}, prefix="T")
    first = ChangeList(home).since(0)
    again = ChangeList(DepartmentHome(home.folder, home.platform)).since(0)
    assert again == first


def test_limit_and_number_page_through_the_list(home):
    for number in range(5):
        home.take(f"K{number}", "C", "apply", {}, prefix="T")
    changes = ChangeList(home)
    assert [len(told(changes, after, 2)) for after in (0, 2, 4)] == [2, 2, 1]


def test_nothing_is_decided_when_the_department_does_not(home):
    home.take("K1", "C1", "apply", {}, prefix="T")
    assert told(ChangeList(home, lambda: None)) == [(1, "K1", "accepted")]


def test_what_is_not_told_now_is_told_later(home):
    changes = ChangeList(home)
    (home.folder / "faults.json").write_text('{"tells_nothing": true}')
    home.take("K1", "C1", "apply", {}, prefix="T")
    assert told(changes) == []

    (home.folder / "faults.json").unlink()

    assert told(changes) == [(1, "K1", "granted")]


def test_matters_are_found_by_case_and_operation(home):
    home.take("K1", "C1", "apply", {"a": 1}, prefix="T")
    home.take("K2", "C1", "opinion", {}, prefix="T")
    assert home.by_case("C1", "opinion").key == "K2"
    assert home.by_case("C2", "apply") is None
    assert [entry.key for entry in home.entries("apply")] == ["K1"]
    assert [status for _, status in home.states()] == ["accepted", "accepted"]
