"""The national platform over the wire: page by page, and every way it can go wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.disability_federation.national import codec
from adapters.transports.web_form import WebFormAdapter, make_adapter
from workbench.api import (
    BrokenPromise,
    Capability,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Parcel,
    Refused,
    TryLater,
)

PLATFORM = "disability_federation.national"
KEY = "01JD0000000000000000000001"
VALUES: dict[str, Any] = {
    "name": "测试甲",
    "id_type": "111",
    "id_no": "990100197001010013",
    "sex": "1",
    "birth_date": "1970-01-01",
    "phone": "13800000000",
    "hukou_division": "990100001001",
    "hukou_address": "梧桐路1号2单元301室",
    "residence_division": "990100001001",
    "residence_address": "梧桐路1号2单元301室",
    "category_claimed": "4",
    "cause": "injury",
    "marital_status": "21",
    "education": "61",
    "device": [{"kind": "wheelchair", "quantity": 1}],
}
PARCEL = Parcel(
    key=KEY,
    case_no="SQ20261122000017",
    item_code="CL-001",
    item_version="1",
    item_title="残疾人证新办",
    operation="apply",
    hub_id="wutong",
    division="990100001001",
    accepted_at=datetime(2026, 11, 22, 2, tzinfo=UTC),
    worker_name="测试社工",
    values=VALUES,
)


def with_values(**values: Any) -> Parcel:
    return replace(PARCEL, values=VALUES | values)


@pytest.fixture
def department(start_department: Callable[..., Any]) -> Any:
    return start_department(PLATFORM)


@pytest.fixture
def adapter(department: Any) -> Iterator[WebFormAdapter]:
    made = make_adapter(department.platform, department.settings, codec)
    yield made
    made.close()


def test_check_of_a_healthy_site_is_up_and_enters_nothing(adapter, department):
    assert adapter.check().state == "up"
    assert department.ledger() == []


def test_adapter_offers_push_find_and_collect(adapter, department):
    assert adapter.capabilities == {Capability.PUSH, Capability.FIND, Capability.COLLECT}
    assert adapter.capabilities == set(department.platform.capabilities)


def test_push_gets_a_number_and_the_proof_is_their_page(adapter, department):
    receipt = adapter.push(PARCEL)
    [line] = department.ledger()
    assert (receipt.state, receipt.reference) == ("accepted", line["reference"])
    assert receipt.reference.encode() in receipt.proof
    assert "受理结果".encode("gbk") in receipt.proof


def test_push_fills_their_fields_and_puts_the_rest_into_the_remarks(adapter, department):
    adapter.push(PARCEL)
    [entry] = department.home.entries()
    typed = entry.message
    assert (entry.key, entry.case_no, typed["yw"]) == (KEY, PARCEL.case_no, "01")
    assert (typed["txtXm"], typed["ddlZjlx"], typed["txtZjhm"]) == ("测试甲", "1", VALUES["id_no"])
    assert (typed["txtCsrq"], typed["ddlHyzk"], typed["ddlWhcd"], typed["ddlCjlb"]) == ("19700101", "2", "5", "4")
    assert typed["txtBz"].splitlines() == ["致残原因：外伤、意外(injury)", "申请辅具：种类=轮椅(wheelchair)，数量=1"]


@pytest.mark.parametrize("number", range(1, 17))
def test_every_matter_has_its_place_on_their_menu(number):
    assert codec.encode(replace(PARCEL, item_code=f"CL-{number:03}")).action == f"{number:02}"


def test_push_twice_makes_one_entry_and_gives_the_first_number(adapter, department):
    first, second = adapter.push(PARCEL), adapter.push(PARCEL)
    assert (second.state, second.reference) == ("duplicate", first.reference)
    assert len(department.ledger()) == 1


def test_find_knows_a_pushed_key_and_no_other(adapter):
    reference = adapter.push(PARCEL).reference
    assert adapter.find(KEY).reference == reference
    assert adapter.find("01JD0000000000000000000002") is None


def test_collect_brings_the_decision_once_and_the_same_for_the_same_cursor(adapter):
    reference = adapter.push(PARCEL).reference
    batch = adapter.collect("")
    assert [(o.key, o.reference, o.status) for o in batch.outcomes] == [
        (KEY, reference, "accepted"),
        (KEY, reference, "granted"),
    ]
    assert adapter.collect("") == batch
    assert adapter.collect(batch.cursor).outcomes == ()


@pytest.mark.parametrize(("fault", "status"), [("refuse", "refused"), ("correction", "correction")])
def test_collect_brings_what_is_not_granted_with_their_words(adapter, department, fault, status):
    department.set_faults(**{fault: [PARCEL.case_no]})
    adapter.push(PARCEL)
    last = adapter.collect("").outcomes[-1]
    assert last.status == status
    assert last.text != ""


def test_collect_goes_on_to_the_next_page(adapter, department):
    for number in range(24):
        department.home.take(f"key{number}", f"SQ{number}", "apply", {"yw": "03"}, prefix="CL")
    first = adapter.collect("")
    second = adapter.collect(first.cursor)
    assert (len(first.outcomes), first.more) == (20, True)
    assert (len(second.outcomes), second.more) == (4, False)


def test_lost_answer_is_try_later_and_find_settles_it(adapter, department):
    department.set_faults(lose_answer=True)
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    department.set_faults()
    [line] = department.ledger()
    assert adapter.find(KEY).reference == line["reference"]
    assert adapter.push(PARCEL).state == "duplicate"
    assert len(department.ledger()) == 1


def test_lost_answer_where_nobody_can_ask_is_unknown(department):
    platform = department.platform.model_copy(update={"repeat": "person-decides"})
    made = make_adapter(platform, department.settings, codec)
    department.set_faults(lose_answer=True)
    with pytest.raises(OutcomeUnknown):
        made.push(PARCEL)
    made.close()


@pytest.mark.parametrize("path", ["/query.aspx", "/apply.aspx", "/confirm.aspx"])
def test_session_lost_on_the_way_is_renewed_once(adapter, department, path):
    department.set_faults(session_lost=path)
    assert adapter.push(PARCEL).state == "accepted"
    assert len(department.ledger()) == 1


def test_session_lost_again_and_again_needs_credentials(adapter, department):
    department.set_faults(session_lost=True)
    with pytest.raises(NeedsCredentials):
        adapter.push(PARCEL)
    assert department.ledger() == []


def test_session_ended_by_a_restart_is_renewed(adapter, department):
    reference = adapter.push(PARCEL).reference
    department.kill()
    department.start()
    assert adapter.find(KEY).reference == reference


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"down": True}, TryLater),
        ({"http_500": True}, TryLater),
        ({"error_in_200": True}, TryLater),
        ({"month_end_stop": True}, TryLater),
        ({"error_in_200": "E777"}, BrokenPromise),
        ({"garbage": True}, BrokenPromise),
        ({"layout_changed": "version"}, BrokenPromise),
        ({"echo_swapped": True}, BrokenPromise),
        ({"sign_in_page": True}, NeedsCredentials),
        ({"expired_credentials": True}, NeedsCredentials),
    ],
    ids=str,
)
def test_push_to_a_sick_site_says_how_to_recover_and_enters_nothing(adapter, department, fault, error):
    department.set_faults(**fault)
    with pytest.raises(error):
        adapter.push(PARCEL)
    assert department.ledger() == []
    department.set_faults()
    assert adapter.push(PARCEL).state == "accepted"


def test_changed_layout_names_page_and_field_before_anything_is_sent(adapter, department):
    department.set_faults(layout_changed=True)
    with pytest.raises(BrokenPromise, match=r"业务申请登记.*txtZjhm"):
        adapter.push(PARCEL)
    assert adapter.check().state == "degraded"
    assert adapter.find(KEY) is None
    assert department.ledger() == []


def test_month_end_stop_says_when_to_come_back_and_queries_go_on(adapter, department):
    adapter.push(PARCEL)
    department.set_faults(month_end_stop=True)
    with pytest.raises(TryLater) as caught:
        adapter.push(replace(PARCEL, key="01JD0000000000000000000003"))
    assert caught.value.after == 3600
    assert adapter.check().state == "degraded"
    assert adapter.collect("").outcomes[0].key == KEY


def test_swapped_columns_are_noticed_in_list_and_query(adapter, department):
    adapter.push(PARCEL)
    department.set_faults(swapped_columns=True)
    with pytest.raises(BrokenPromise):
        adapter.collect("")
    with pytest.raises(BrokenPromise):
        adapter.find(KEY)


def test_slow_site_is_try_later(department):
    platform = department.platform.model_copy(
        update={"limits": department.platform.limits.model_copy(update={"timeout_seconds": 0.3})}
    )
    made = make_adapter(platform, department.settings, codec)
    department.set_faults(slow_ms=1000)
    with pytest.raises(TryLater):
        made.push(PARCEL)
    assert department.ledger() == []
    made.close()


def test_site_that_is_gone_is_try_later_and_down(adapter, department):
    department.kill()
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    assert adapter.check().state == "down"


def test_wrong_password_needs_credentials(department):
    made = make_adapter(department.platform, department.settings | {"password": "wrong"}, codec)
    with pytest.raises(NeedsCredentials):
        made.push(PARCEL)
    assert made.check().state == "down"
    made.close()


def test_missing_settings_are_unconfigured(department):
    made = make_adapter(department.platform, {"base_url": department.settings["base_url"]}, codec)
    assert made.check().state == "unconfigured"
    with pytest.raises(NeedsSettings, match="username, password"):
        made.push(PARCEL)


def test_refusal_of_the_department_names_our_field(adapter, department):
    with pytest.raises(Refused) as caught:
        adapter.push(with_values(id_no="990100197001010010"))
    assert (caught.value.code, caught.value.field) == ("E102", "id_no")
    assert department.ledger() == []


def test_text_longer_than_their_field_is_refused_with_its_field(adapter, department):
    with pytest.raises(Refused) as caught:
        adapter.push(with_values(hukou_address="路" * 101))
    assert caught.value.field == "hukou_address"
    assert department.ledger() == []


def test_code_they_have_no_word_for_is_refused_with_its_field(adapter):
    with pytest.raises(Refused) as caught:
        adapter.push(with_values(marital_status="77"))
    assert caught.value.field == "marital_status"


def test_name_in_gbk_but_not_in_gb2312_arrives_as_it_is(adapter, department):
    adapter.push(with_values(name="测试镕喆"))
    assert department.home.entries()[0].message["txtXm"] == "测试镕喆"
    assert adapter.rare_characters(with_values(name="测试镕喆")) == ()


def test_name_outside_gbk_goes_as_a_browser_sends_it_and_is_said(adapter, department):
    parcel = with_values(name="测试𬭎")
    assert adapter.rare_characters(parcel) == ("姓名:U+2CB4E以字符编码填写",)
    assert adapter.push(parcel).state == "accepted"
    typed = department.home.entries()[0].message
    assert typed["txtXm"] == "测试&#183118;"
    assert "生僻字：姓名:U+2CB4E以字符编码填写" in typed["txtBz"]


def test_name_outside_gbk_is_refused_where_the_platform_says_so(department):
    platform = department.platform.model_copy(update={"rare_characters": "refuse"})
    made = make_adapter(platform, department.settings, codec)
    with pytest.raises(Refused) as caught:
        made.push(with_values(name="测试𬭎"))
    assert caught.value.field == "name"
    made.close()


def test_name_outside_gbk_is_spelled_out_where_the_platform_says_so(department):
    platform = department.platform.model_copy(update={"rare_characters": "pinyin"})
    made = make_adapter(platform, department.settings, codec)
    [note] = made.rare_characters(with_values(name="测试𬭎"))
    made.push(with_values(name="测试𬭎"))
    typed = department.home.entries()[0].message
    assert typed["txtXm"] == "测试HONG"
    assert f"生僻字：{note}" in typed["txtBz"]
    made.close()
