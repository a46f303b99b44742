"""Settings of platforms: what counts, what is refused, what stays secret."""

import json
from typing import Any

import pytest

from workbench.api import Health, NeedsCredentials, NeedsSettings
from workbench.delivery.configure import (
    WrongSettings,
    ask_for_check,
    check_platform,
    platform_settings,
    save_settings,
)
from workbench.delivery.health import ensure_platform, record_check, take_check
from workbench.delivery.models import PlatformRow
from workbench.identity.models import AuditRow
from workbench.store.clock import Clock

NOW = Clock().now
PLATFORM = "test_office.window"
GOOD = {"base_url": "https://office.example/api", "app_secret": "s3cret", "retries": "5"}


def announce(settings: Any, **values: Any) -> None:
    folder = settings.departments / PLATFORM
    folder.mkdir(parents=True)
    (folder / "address.json").write_text(json.dumps({"pid": 1, "settings": values}))


def effective(store: Any, manifest: Any, settings: Any) -> dict[str, Any]:
    with store.read() as session:
        return platform_settings(session, manifest(), settings)


def test_saved_wins_over_announced_wins_over_default(store: Any, act: Any, manifest: Any, settings: Any) -> None:
    assert effective(store, manifest, settings) == {"retries": "3"}

    announce(settings, base_url="http://127.0.0.1:9/", app_secret="pretend", retries="4")
    assert effective(store, manifest, settings)["retries"] == "4"

    with act("sysadmin") as ctx:
        save_settings(ctx, manifest(), GOOD)
    assert effective(store, manifest, settings) == GOOD


def test_secret_left_blank_stays(store: Any, act: Any, manifest: Any, settings: Any) -> None:
    for values in (GOOD, GOOD | {"app_secret": "", "retries": "6"}):
        with act("sysadmin") as ctx:
            save_settings(ctx, manifest(), values)

    assert effective(store, manifest, settings) == GOOD | {"retries": "6"}


def test_wrong_settings_are_named_one_by_one(store: Any, act: Any, manifest: Any, settings: Any) -> None:
    wrong = {"base_url": "office", "app_secret": "", "retries": "many", "zone": "outside"}

    with pytest.raises(WrongSettings) as caught, act("sysadmin") as ctx:
        save_settings(ctx, manifest(), wrong)

    assert caught.value.problems == {
        "base_url": "url",
        "app_secret": "required",
        "retries": "number",
        "zone": "choice",
    }
    assert effective(store, manifest, settings) == {"retries": "3"}


def test_saving_is_audited_without_values(store: Any, act: Any, manifest: Any, post: Any) -> None:
    with act("sysadmin") as ctx:
        row = save_settings(ctx, manifest(), GOOD)
        assert row.settings_version == 2
        assert "app_secret" not in row.settings

    with store.read() as session:
        (audit,) = post.all(session, AuditRow)
    assert (audit.action, audit.subject) == ("platform.settings", f"platform:{PLATFORM}")
    assert audit.detail == {"changed": ["base_url", "retries", "app_secret"]}


@pytest.mark.parametrize("ask", [lambda ctx, manifest: save_settings(ctx, manifest, GOOD),
                                 lambda ctx, manifest: ask_for_check(ctx, PLATFORM)])  # fmt: skip
def test_closed_platform_is_looked_at_soon_when_asked(store: Any, act: Any, manifest: Any, ask: Any) -> None:
    with store.write() as session:
        ensure_platform(session, PLATFORM)
        record_check(session, PLATFORM, Health("unconfigured"), NOW())
        assert not take_check(session, PLATFORM, NOW(), every=60)

    with act("sysadmin") as ctx:
        ask(ctx, manifest())

    with store.write() as session:
        assert take_check(session, PLATFORM, NOW(), every=60)
        assert session.get_one(PlatformRow, PLATFORM).closed_until > NOW()


@pytest.mark.parametrize(
    ("said", "state"),
    [(Health("up"), "up"), (NeedsSettings("x"), "unconfigured"), (NeedsCredentials("x"), "down"),
     (KeyError("测试甲"), "down")],
)  # fmt: skip
def test_every_look_ends_in_an_answer(told: Any, said: Any, state: str) -> None:
    found = check_platform(told(health=said), Clock())

    assert found.state == state
    assert "测试甲" not in found.detail
