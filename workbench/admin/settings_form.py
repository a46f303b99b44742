"""The form of a platform's settings, drawn from its manifest; secrets are taken in and never given out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from ..api.manifest import PlatformManifest, Setting
from ..delivery.configure import platform_settings, staging_settings
from ..settings import Settings
from ..web.language import _, bilingual

#: The field each kind of setting is drawn as; a file is named by its path on the server.
FIELDS = {
    "text": "text", "url": "text", "number": "number", "bool": "bool", "choice": "select", "secret": "password",
    "file": "text",
}  # fmt: skip

#: Names of the fields of a trial system begin with this.
STAGING = "staging-"


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting, ready for ui.field."""

    name: str
    label: str
    type: str
    value: str
    hint: str
    required: bool
    options: tuple[tuple[str, str], ...]
    error: str = ""


def setting_fields(
    session: Session,
    manifest: PlatformManifest,
    settings: Settings,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[SettingField]:
    """Draw the settings as they stand, or as they were typed when something was wrong with them."""
    held = platform_settings(session, manifest, settings)
    return [_field(one, held, typed, (errors or {}).get(one.key, "")) for one in manifest.settings]


def staging_fields(
    session: Session, manifest: PlatformManifest, typed: Mapping[str, str] | None, errors: Mapping[str, str] | None
) -> list[SettingField]:
    """Draw the settings of a platform's trial system; none of them need be entered."""
    held = staging_settings(session, manifest)
    fields = [_field(one, held, typed, (errors or {}).get(f"{STAGING}{one.key}", "")) for one in manifest.settings]
    return [replace(one, name=f"{STAGING}{one.name}", required=False) for one in fields]


def _field(setting: Setting, held: Mapping[str, Any], typed: Mapping[str, str] | None, error: str) -> SettingField:
    is_secret, is_held = setting.type == "secret", setting.key in held
    value = "" if is_secret else str((held if typed is None else typed).get(setting.key, ""))
    return SettingField(
        name=setting.key,
        label=bilingual(setting.label_zh, setting.label_en),
        type=FIELDS[setting.type],
        value=value,
        hint=" ".join(filter(None, (bilingual(setting.help_zh, setting.help_en), _hint(setting, is_held, typed)))),
        required=setting.required and not (is_secret and is_held),
        options=tuple((choice, choice) for choice in setting.choices),
        error=error,
    )


def _hint(setting: Setting, is_held: bool, typed: Mapping[str, str] | None) -> str:
    if setting.type == "file":
        return _("Path of a file on the server.")
    if setting.type != "secret":
        return ""
    if typed and typed.get(setting.key):
        return _("Type it again: secrets are not sent back to the screen.")
    return _("One is kept and is not shown. Leave blank to keep it.") if is_held else _("Nothing is kept yet.")


def read_settings(manifest: PlatformManifest, form: Mapping[str, str]) -> dict[str, str]:
    """Take from a form the settings this platform has, and nothing else."""
    return {setting.key: form.get(setting.key, "") for setting in manifest.settings}


def problem_words(problem: str) -> str:
    """Say what is wrong with a setting."""
    known = {
        "required": _("Enter a value."),
        "number": _("Enter a number."),
        "url": _("Enter a whole address, such as https://gateway.example/api."),
        "choice": _("Choose one of the list."),
        "file": _("There is no such file on the server."),
    }
    return known.get(problem, _("This value cannot be used."))
