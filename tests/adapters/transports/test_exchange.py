"""What every platform that answers at once promises, proved on four of them over the wire."""

import pytest

from workbench.api import Adapter, BrokenPromise, Capability, NeedsSettings, TryLater
from workbench.testing.samples import make_parcel

PLATFORMS = [
    "civil_affairs.case_gateway",
    "social_security.integrated",
    "social_security.card_registry",
    "family_planning.child_allowance",
]
KEY = "01JD0000000000000000000001"


def parcel(**more):
    return make_parcel("XX-001", {"child_name": "测试小甲"}, **more)


@pytest.fixture(params=PLATFORMS)
def department(request, start_department):
    return start_department(request.param)


@pytest.fixture
def adapter(department, open_adapter):
    adapter = open_adapter(department)
    assert adapter.check().state == "up"
    return adapter


def test_adapter_is_what_the_protocol_describes(adapter, department):
    assert isinstance(adapter, Adapter)
    assert {str(capability) for capability in adapter.capabilities} == set(department.platform.capabilities)


def test_only_what_is_offered_is_answered(adapter, department):
    assert (Capability.TASKS in adapter.capabilities) is (department.platform.id == "civil_affairs.case_gateway")
    if Capability.TASKS in adapter.capabilities:
        assert adapter.tasks("") == ()
        return
    with pytest.raises(NotImplementedError):
        adapter.tasks("")


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"down": True}, TryLater),
        ({"http_500": True}, TryLater),
        ({"garbage": True}, BrokenPromise),
        ({"sign_in_page": True}, BrokenPromise),
        ({"redirect": "http://127.0.0.2:9/elsewhere"}, BrokenPromise),
        ({"redirect": "/login"}, BrokenPromise),
    ],
    ids=lambda value: str(value),
)
def test_fault_is_an_error_and_never_a_success(adapter, department, faults, error):
    department.set_faults(**faults)

    with pytest.raises(error):
        adapter.push(parcel())
    assert adapter.check().state == "down"
    assert department.ledger() == []

    department.set_faults()
    assert adapter.check().state == "up"
    assert adapter.push(parcel()).proof


def test_department_that_is_down_says_when_to_come_back(adapter, department):
    department.set_faults(down=True)
    with pytest.raises(TryLater) as later:
        adapter.push(parcel())
    assert later.value.after == 30


def test_lost_answer_is_found_again_and_not_entered_twice(adapter, department):
    department.set_faults(lose_answer=True)
    with pytest.raises(TryLater):
        adapter.push(parcel())
    department.set_faults()

    found = adapter.find(KEY)
    again = adapter.push(parcel())

    assert found is not None
    assert again.state == "duplicate"
    assert len(department.ledger()) == 1


def test_slow_department_does_not_hold_us(department, open_adapter):
    adapter = open_adapter(department, limits={"timeout_seconds": 0.4})
    department.set_faults(slow_ms=30_000)
    with pytest.raises(TryLater):
        adapter.push(parcel())
    assert department.ledger() == []  # it has not answered yet, and nobody waited for it


def test_department_that_is_gone_is_tried_later(adapter, department):
    department.kill()
    with pytest.raises(TryLater):
        adapter.push(parcel())
    assert adapter.check().state == "down"


def test_department_that_comes_back_continues_on_the_same_address(adapter, department):
    adapter.push(parcel())
    department.kill()
    department.start()

    [line] = department.ledger()
    assert adapter.find(KEY).reference == line["reference"]
    assert adapter.push(parcel()).reference == line["reference"]
    assert len(department.ledger()) == 1


def test_missing_settings_are_named(department, open_adapter):
    secrets = [setting.key for setting in department.platform.settings if setting.required]
    adapter = open_adapter(department, **dict.fromkeys(secrets, ""))

    health = adapter.check()

    assert health.state == "unconfigured"
    assert all(key in health.detail for key in secrets)
    with pytest.raises(NeedsSettings):
        adapter.push(parcel())


@pytest.mark.parametrize("address", ["ftp://example.test", "no address", "http://"])
def test_address_that_is_none_needs_settings(department, open_adapter, address):
    adapter = open_adapter(department, base_url=address)
    assert adapter.check().state == "unconfigured"
    with pytest.raises(NeedsSettings):
        adapter.push(parcel())


def test_close_twice_is_safe_and_use_goes_on(adapter):
    adapter.close()
    adapter.close()
    assert adapter.check().state == "up"


def test_errors_name_no_resident(adapter, department):
    for faults in ({"down": True}, {"http_500": True}, {"garbage": True}, {"sign_in_page": True}):
        department.set_faults(**faults)
        with pytest.raises((TryLater, BrokenPromise)) as error:
            adapter.push(parcel())
        assert "测试" not in error.value.text
        assert "9901011950" not in error.value.text


def test_announced_settings_are_those_declared(department):
    declared = {setting.key: setting for setting in department.platform.settings}
    assert set(department.settings) <= set(declared)
    assert {key for key, setting in declared.items() if setting.required} <= set(department.settings)
    assert all(s.label_zh and s.label_en and s.help_zh and s.help_en for s in declared.values())
