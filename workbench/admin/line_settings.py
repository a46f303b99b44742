"""The settings of a line at a hub: drawn from its manifest, each value with the hub it comes from, secrets apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from ..api.manifest import Setting
from ..delivery.configure import judge_setting
from ..hubs.hub_settings import Held, read_settings, write_setting
from ..identity.audit import record
from ..store.context import Context
from ..web.acting import writing
from ..web.language import _, bilingual
from ..web.permit import permit
from .frame import ROOT, blueprint, go
from .lines import line_or_404
from .settings_form import FIELDS, problem_words

PREFIX, INHERIT = "setting-", "inherit-"


@dataclass(frozen=True, slots=True)
class HubSetting:
    """One setting, ready for ui.field."""

    name: str
    label: str
    type: str
    value: str
    hint: str
    options: tuple[tuple[str, str], ...]
    is_secret: bool
    is_own: bool  # set at this hub
    origin: str


def drawn_settings(ctx: Context, owner: str, settings: Sequence[Setting]) -> list[HubSetting]:
    """Draw the settings as they count here, the secrets last. One query where there are any."""
    if not settings:
        return []
    held = read_settings(ctx.session, ctx.hub.id, [owner])[owner]
    ordered = sorted(settings, key=lambda one: one.type == "secret")
    return [_field(one, held.get(one.key)) for one in ordered]


def _field(setting: Setting, held: Held | None) -> HubSetting:
    is_secret = setting.type == "secret"
    value = "" if is_secret else str(held.value) if held else setting.default
    kept = (
        (_("One is kept and is not shown. Leave blank to keep it.") if held else _("Nothing is kept yet."))
        if is_secret
        else ""
    )
    return HubSetting(
        name=f"{PREFIX}{setting.key}",
        label=bilingual(setting.label_zh, setting.label_en),
        type=FIELDS[setting.type],
        value=value,
        hint=" ".join(filter(None, (bilingual(setting.help_zh, setting.help_en), kept))),
        options=tuple((choice, choice) for choice in setting.choices),
        is_secret=is_secret,
        is_own=bool(held and held.is_own),
        origin=_origin(held),
    )


def _origin(held: Held | None) -> str:
    if held is None:
        return _("As the line comes")
    if held.is_own:
        return _("Set at this hub")
    return _("Inherited from {hub}", hub=bilingual(held.hub_zh, held.hub_en))


@blueprint.post(f"{ROOT}/lines/<line_id>/settings")
@permit("configure")
def save_line(hub: str, line_id: str) -> AnyResponse:
    """Save what this hub sets itself; a value as it is inherited is not made its own."""
    line = line_or_404(line_id)
    settings = line.manifest.settings if line.manifest else ()
    wrong = {one.key: why for one in settings if (why := _problem(one))}
    if wrong:
        labels = {one.key: bilingual(one.label_zh, one.label_en) for one in settings}
        said = " ".join(f"{labels[key]}: {problem_words(why)}" for key, why in wrong.items())
        return go("opening", said, "error", line_id=line_id, _anchor="settings")
    with writing() as ctx:
        changed = _save(ctx, f"line:{line_id}", settings)
        if changed:
            record(ctx, "line.settings", subject=f"line:{line_id}", detail={"changed": changed})
    return go("opening", _("The settings are saved."), line_id=line_id, _anchor="settings")


def _problem(setting: Setting) -> str:
    value = request.form.get(f"{PREFIX}{setting.key}", "").strip()
    return judge_setting(setting, value) if value else ""


def _save(ctx: Context, owner: str, settings: Sequence[Setting]) -> list[str]:
    held, changed = read_settings(ctx.session, ctx.hub.id, [owner])[owner], []
    for one in settings:
        wanted = _wanted(one, held.get(one.key))
        if wanted is not None and write_setting(ctx, owner, one.key, wanted, is_secret=one.type == "secret"):
            changed.append(one.key)
    return changed


def _wanted(setting: Setting, held: Held | None) -> str | None:
    """Give what this hub is to set: "" to inherit again, None to leave it as it is."""
    value = request.form.get(f"{PREFIX}{setting.key}", "").strip()
    if request.form.get(f"{INHERIT}{setting.key}"):
        return ""
    if setting.type == "secret" and not value:
        return None
    if held is None:
        return None if value == setting.default else value
    return None if not held.is_own and str(held.value) == value else value
