"""Settings of platforms, and the look at one platform with them.

What counts, weakest first: the manifest's defaults, what a pretend department announced in
instance/departments/<platform>/address.json, what an admin saved. Secrets are sealed and never shown.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from ..api.adapter import Adapter
from ..api.errors import AdapterError, NeedsSettings
from ..api.manifest import PlatformManifest, Setting
from ..api.parcels import Health
from ..identity.audit import record
from ..settings import Settings
from ..store.clock import Clock
from ..store.context import Context
from .health import ensure_platform
from .models import PlatformRow
from .restored import refuse_uncompared


class WrongSettings(ValueError):
    """Some settings cannot be saved; `problems` says per key why: required, number, url, choice, file."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{key}: {why}" for key, why in problems.items()))
        self.problems = dict(problems)


def platform_settings(session: Session, platform: PlatformManifest, settings: Settings) -> dict[str, Any]:
    """Give the settings a platform's adapter is built with, secrets included; for the worker process only."""
    row = session.get(PlatformRow, platform.id)
    values: dict[str, Any] = {setting.key: setting.default for setting in platform.settings if setting.default}
    values |= announced_settings(platform.id, settings)
    if row:
        values |= {**row.settings, **(row.secrets or {})}
    return values


def staging_settings(session: Session, platform: PlatformManifest) -> dict[str, Any]:
    """Give the settings of a platform's trial system, secrets included; nothing where none was entered."""
    row = session.get(PlatformRow, platform.id)
    entered = {**row.staging, **(row.staging_secrets or {})} if row else {}
    defaults = {setting.key: setting.default for setting in platform.settings if setting.default}
    return defaults | entered if entered else {}


def address_file(platform_id: str, settings: Settings) -> Path:
    """Name the file in which a pretend department announces itself."""
    return settings.departments / platform_id / "address.json"


def announced_settings(platform_id: str, settings: Settings) -> dict[str, Any]:
    """Read what a pretend department announced; nothing when there is none."""
    try:
        return dict(json.loads(address_file(platform_id, settings).read_text("utf-8"))["settings"])
    except (FileNotFoundError, ValueError, KeyError):
        return {}


def announced_at(platform_id: str, settings: Settings, clock: Clock) -> datetime | None:
    """Tell when a pretend department last announced itself, by the given clock."""
    try:
        stamp = address_file(platform_id, settings).stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(stamp, UTC) + clock.offset


def save_settings(ctx: Context, platform: PlatformManifest, values: Mapping[str, str]) -> PlatformRow:
    """Save an admin's settings; a secret left blank keeps the old one. Raises WrongSettings.

    Deliveries that wait for settings or credentials go again as soon as the worker process has
    looked at the platform with the new ones.
    """
    row = ensure_platform(ctx.session, platform.id)
    plain, secrets, changed = _changed(platform, values, row.settings, row.secrets or {})
    row.settings, row.secrets = plain, secrets
    row.settings_version += 1
    _look_soon(row, ctx.clock.now())
    record(ctx, "platform.settings", subject=f"platform:{platform.id}", detail={"changed": changed})
    return row


def save_staging(ctx: Context, platform: PlatformManifest, values: Mapping[str, str]) -> PlatformRow:
    """Save what reaches a platform's trial system, or forget it when nothing is entered. Raises WrongSettings."""
    row = ensure_platform(ctx.session, platform.id)
    if any(value.strip() for value in values.values()):
        plain, secrets, changed = _changed(platform, values, row.staging, row.staging_secrets or {})
    else:
        plain, secrets, changed = {}, {}, sorted({*row.staging, *(row.staging_secrets or {})})
    row.staging, row.staging_secrets = plain, secrets or None
    record(ctx, "platform.staging", subject=f"platform:{platform.id}", detail={"changed": changed})
    return row


def _changed(
    platform: PlatformManifest, values: Mapping[str, str], held: Mapping[str, Any], held_secrets: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Give the settings and secrets as they are with these values, and which keys differ from what is held."""
    plain, secrets = dict(held), dict(held_secrets)
    problems: dict[str, str] = {}
    for setting in platform.settings:
        into = secrets if setting.type == "secret" else plain
        if problem := _put(setting, values.get(setting.key, "").strip(), into):
            problems[setting.key] = problem
    if problems:
        raise WrongSettings(problems)
    changed = sorted(key for key in {*plain, *held} if plain.get(key) != held.get(key))
    return plain, secrets, changed + sorted(key for key in secrets if secrets[key] != held_secrets.get(key))


def _put(setting: Setting, value: str, into: dict[str, Any]) -> str:
    """Put one checked value in; returns what is wrong with it."""
    if not value:
        if setting.type == "secret" and setting.key in into:
            return ""
        into.pop(setting.key, None)
        return "required" if setting.required and not setting.default else ""
    if problem := judge_setting(setting, value):
        return problem
    into[setting.key] = value
    return ""


def judge_setting(setting: Setting, value: str) -> str:
    """Say in one word what is wrong with a value that was entered; "" for nothing."""
    if setting.type == "number":
        return "" if value.removeprefix("-").replace(".", "", 1).isdecimal() else "number"
    if setting.type == "url":
        try:
            parts = urlsplit(value)
        except ValueError:
            return "url"
        return "" if parts.scheme and parts.netloc else "url"
    if setting.type == "choice":
        return "" if value in setting.choices else "choice"
    if setting.type == "file":
        return "" if Path(value).is_file() else "file"
    return ""


def pause_platform(
    ctx: Context, platform_id: str, *, is_paused: bool, platform: PlatformManifest | None = None
) -> None:
    """Stop or resume sending to a platform by an admin's word; nothing under way is broken off.

    Raises NotCompared when a backup was put back and the books were not compared since.
    """
    row = ensure_platform(ctx.session, platform_id)
    if not is_paused:
        refuse_uncompared(ctx.session, row, platform)
    row.is_paused, row.paused_why = is_paused, "admin" if is_paused else ""
    row.paused_at = ctx.clock.now() if is_paused else None
    record(ctx, "platform.pause" if is_paused else "platform.resume", subject=f"platform:{platform_id}")


def ask_for_check(ctx: Context, platform_id: str) -> None:
    """Have the worker process look at a platform within a second."""
    _look_soon(ensure_platform(ctx.session, platform_id), ctx.clock.now())


def _look_soon(row: PlatformRow, now: datetime) -> None:
    row.checked_at = None
    if row.closed_until is not None:
        row.closed_until = now


def check_platform(adapter: Adapter, clock: Clock) -> Health:
    """Look at a platform; whatever goes wrong is an answer too."""
    try:
        return adapter.check()
    except NeedsSettings as error:
        return Health("unconfigured", error.text, at=clock.now())
    except AdapterError as error:
        return Health("down", error.text, at=clock.now())
    except (Exception, SystemExit) as error:
        return Health("down", f"unexpected {type(error).__name__}", at=clock.now())
