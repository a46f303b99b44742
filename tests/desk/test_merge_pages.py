"""Pages that merge two files of one person: compared first, every line told, taken apart again."""

import pytest
from screens import text_of

from workbench.api.nouns import Person
from workbench.people.facts import FactInput, record_facts
from workbench.people.merge import merges_of
from workbench.people.models import MergeRow, PersonRow

AT = "/h/wutong/people"


@pytest.fixture
def twins(act, register) -> tuple[str, str]:
    with act() as ctx:
        kept = register(ctx, "测试莉", 901)
        gone = register(ctx, "测试丽", 902)
        row = ctx.session.get_one(PersonRow, gone)
        row.id_no, row.id_index, row.id_masked = None, None, ""
        record_facts(ctx, kept, [FactInput("person.residence_address", "示例路1号")])
        record_facts(ctx, gone, [FactInput("person.residence_address", "示例路2号")])
        return kept, gone


def told(world, monkeypatch, fail: bool = False) -> list[tuple[str, str, bool]]:
    """Let one line listen to merges."""
    heard: list[tuple[str, str, bool]] = []

    def person_merged(person: Person, merged_id: str, is_parted: bool) -> None:
        if fail:
            raise RuntimeError
        heard.append((person.id, merged_id, is_parted))

    class Listening:
        argnames = ("person", "merged_id", "is_parted")
        function = staticmethod(person_merged)

    caller = world.app.extensions["workbench"].caller
    load = type(caller)._load

    def _load(self, line):
        found = dict(load(self, line))
        return found | ({"person_merged": Listening()} if line.id == "civil_affairs" else {})

    monkeypatch.setattr(type(caller), "_load", _load)
    return heard


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_same_sounding_name_and_birth_date_are_offered(world, twins, locale) -> None:
    page = text_of(world.sign_in("worker1", locale).get(f"{AT}/{twins[0]}/merge").text)
    assert "测试丽" in page
    assert {"zh_CN": "姓名读音和出生日期相同", "en": "a name that sounds the same"}[locale] in page


def test_other_file_is_found_by_anything_and_compared(world, twins) -> None:
    client = world.sign_in("worker1", "en")
    assert "测试丽" in client.post(f"{AT}/{twins[0]}/merge", data={"q": "19900000902"}).text
    page = text_of(client.get(f"{AT}/{twins[0]}/merge/{twins[1]}").text)
    assert "示例路1号" in page
    assert "示例路2号" in page


def test_merge_tells_every_line_and_leads_the_old_address_to_the_file_that_stays(
    world, act, twins, monkeypatch
) -> None:
    kept, gone = twins
    heard, client = told(world, monkeypatch), world.sign_in("worker1")
    data = {"kept": kept, "reason": "同一张身份证"}
    for _ in range(2):  # a second click changes nothing
        answer = client.post(f"{AT}/{kept}/merge/{gone}", data=data)
    assert answer.status_code in (303, 404)
    assert heard[0] == (kept, gone, False)
    with act() as ctx:
        (merge,) = merges_of(ctx, kept)
        merge_id = merge.id
    assert client.get(f"{AT}/{gone}").headers["Location"].endswith(kept)

    refused = client.post(f"{AT}/{kept}/part/{merge_id}", data={})
    assert refused.status_code == 422
    parted = client.post(f"{AT}/{kept}/part/{merge_id}", data={f"reason-{merge_id}": "两个人"})
    assert parted.headers["Location"].endswith(gone)
    assert heard[-1] == (kept, gone, True)
    assert client.get(f"{AT}/{gone}").status_code == 200


def test_line_that_fails_is_named_and_told_again(world, act, twins, monkeypatch) -> None:
    kept, gone = twins
    client = world.sign_in("worker1", "en")
    with monkeypatch.context() as failing:
        told(world, failing, fail=True)
        client.post(f"{AT}/{kept}/merge/{gone}", data={"kept": kept, "reason": "one card"})
    assert "could not be told yet: Civil affairs" in text_of(client.get(f"{AT}/{kept}/merge").text)
    with act() as ctx:
        merge_id = merges_of(ctx, kept)[0].id
    heard = told(world, monkeypatch)
    client.post(f"{AT}/{kept}/tell/{merge_id}")
    assert heard == [(kept, gone, False)]
    with act() as ctx:
        assert ctx.session.get_one(MergeRow, merge_id).untold == ""


def test_merge_without_a_reason_keeps_what_was_chosen(world, act, twins) -> None:
    kept, gone = twins
    answer = world.sign_in("worker1", "en").post(f"{AT}/{kept}/merge/{gone}", data={"kept": gone, "reason": ""})
    assert answer.status_code == 422
    assert f'value="{gone}" checked' in answer.text
    with act() as ctx:
        assert merges_of(ctx, kept) == merges_of(ctx, gone) == []


def test_reviewer_and_other_hubs_may_not_merge(world, twins) -> None:
    assert world.sign_in("reviewer1").get(f"{AT}/{twins[0]}/merge").status_code == 403
    assert world.sign_in("worker21").get(f"/h/yinxing/people/{twins[0]}/merge").status_code == 404
