"""Sends the parcels of a rehearsal over the wire, through the real adapters, to trial systems or pretend departments.

Never to the address real cases go to: a platform has a trial address of its own, or a pretend department is started
for the time of the rehearsal and thrown away afterwards.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ..api.adapter import Adapter
from ..api.errors import AdapterError
from ..api.manifest import PlatformManifest
from ..api.parcels import Parcel
from ..delivery.collect import fetch
from ..delivery.dispatch import Result, send
from ..delivery.lease import Claimed
from ..delivery.words import REASON_WORDS
from ..host.discover import Installed, Platform
from .compose import Composed
from .pretend import NoDepartment, Pretend

#: How often a parcel is handed over that its platform asks for again, and how long its answer is waited for.
TRIES, APART, ANSWERS_WITHIN = 4, 0.5, 6.0
#: Gives what reaches the trial system of a platform; nothing where there is none.
StagingOf = Callable[[PlatformManifest], Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    """How one parcel of one item went."""

    composed: Composed
    platform_id: str
    verdict: str
    text_zh: str
    text_en: str
    reference: str = ""
    ms: int = 0
    key: str = ""


@dataclass
class Stage:
    """One platform for the time of a rehearsal; without an adapter, the words say why."""

    platform: Platform
    adapter: Adapter | None = None
    pretend: Pretend | None = None
    trouble: tuple[str, str] = ("", "")
    name: tuple[str, str] = ("", "")
    keys: set[str] = field(default_factory=set)

    def close(self) -> None:
        """Let go of the adapter and end the pretend department."""
        with suppress(Exception):
            if self.adapter is not None:
                self.adapter.close()
        if self.pretend is not None:
            self.pretend.stop()


def send_all(installed: Installed, composed: Sequence[Composed], staging_of: StagingOf) -> list[Step]:
    """Send every parcel and wait a while for answers; whatever goes wrong is a result too."""
    wanted = sorted({platform_id for one in composed for platform_id, _ in one.parcels})
    stages = {platform_id: Stage(_platform(installed, platform_id)) for platform_id in wanted}
    try:
        for stage in stages.values():
            _begin(stage, staging_of)
        for stage in stages.values():
            _open(stage, staging_of, installed)
        steps = [step for one in composed for step in _steps(one, stages)]
        answered = {key for stage in stages.values() for key in _answers(stage)}
        return [_with_answer(step, answered) for step in steps]
    finally:
        for stage in stages.values():
            stage.close()


def _platform(installed: Installed, platform_id: str) -> Platform:
    missing = Platform(platform_id, installed.lines[0].folder, "broken", "not installed")
    return installed.platform(platform_id) or missing


def _begin(stage: Stage, staging_of: StagingOf) -> None:
    """Start pretend departments side by side."""
    manifest = stage.platform.manifest
    if manifest is None or stage.platform.state != "ready":
        stage.trouble = (f"对接程序不能用：{stage.platform.reason}", f"Its program: {stage.platform.reason}")
        return
    stage.name = (manifest.name_zh, manifest.name_en)
    if _needs_settings(manifest) and not staging_of(manifest):
        with suppress(NoDepartment):
            stage.pretend = Pretend(stage.platform)


def _needs_settings(manifest: PlatformManifest) -> bool:
    """Tell whether a platform is reached over the wire; a sheet that a worker types in needs nothing."""
    return manifest.way != "rekey" or any(one.required and not one.default for one in manifest.settings)


def _open(stage: Stage, staging_of: StagingOf, installed: Installed) -> None:
    manifest = stage.platform.manifest
    if manifest is None or any(stage.trouble):
        return
    settings: Mapping[str, Any] = staging_of(manifest)
    try:
        if stage.pretend is not None:
            defaults = {setting.key: setting.default for setting in manifest.settings if setting.default}
            settings = defaults | stage.pretend.wait()
        elif not settings and _needs_settings(manifest):
            zh, en = "没有演练地址，也没有模拟部门系统。", "It has no trial address and no pretend department."
            stage.trouble = (f"{zh}请系统管理员填写演练地址。", f"{en} The system admin enters a trial address.")
            return
        stage.adapter = stage.platform.make_adapter(settings, installed.transports)
    except NoDepartment as error:
        stage.trouble = (f"模拟部门系统没有启动：{error}", f"Its pretend department did not start: {error}")
    except AdapterError as error:
        stage.trouble = (f"连接不成：{error.text}", f"It cannot be reached: {error.text}")
    except (Exception, SystemExit) as error:  # an adapter's package must never end the worker process
        name = type(error).__name__
        stage.trouble = (f"对接程序出错：{name}", f"Its program fails: {name}")


def _steps(one: Composed, stages: Mapping[str, Stage]) -> list[Step]:
    if not one.parcels:
        return [Step(one, "", one.verdict, one.text_zh, one.text_en)]
    return [_step(one, stages[platform_id], parcel) for platform_id, parcel in one.parcels]


def _step(one: Composed, stage: Stage, parcel: Parcel) -> Step:
    manifest = stage.platform.manifest
    if stage.adapter is None or manifest is None:
        return Step(one, stage.platform.id, "failed", *stage.trouble)
    began = time.monotonic()
    result = _hand_over(stage.adapter, manifest, parcel)
    ms = int((time.monotonic() - began) * 1000)
    verdict, zh, en = _judge(result, stage.name)
    if verdict in ("accepted", "taken"):
        stage.keys.add(parcel.key)
    return Step(one, stage.platform.id, verdict, zh, en, result.reference, ms, parcel.key)


def _hand_over(adapter: Adapter, manifest: PlatformManifest, parcel: Parcel) -> Result:
    for attempt in range(1, TRIES + 1):
        claimed = Claimed(parcel.key, manifest.id, 0, attempt, attempt > 1, parcel)
        result = send(adapter, manifest, claimed)
        if result.reason != "try-later" or attempt == TRIES:
            break
        time.sleep(APART)
    return result


def _judge(result: Result, name: tuple[str, str]) -> tuple[str, str, str]:
    """Say how a parcel went: the verdict and the words."""
    zh, en = name
    if result.state == "accepted":
        return "accepted", f"{zh}已收件，编号{result.reference}。", f"{en} took it under number {result.reference}."
    if result.state == "sent":
        return "taken", f"{zh}已接收，编号稍后给出。", f"{en} took it; its number comes later."
    if result.reason == "rekey":
        return "sheet", f"生成补录单，由社工录入{zh}。", f"A sheet was made; a worker types it into {en}."
    if result.reason == "refused":
        return "failed", f"{zh}退回：{result.text}", f"{en} refused it: {result.text}"
    said_zh, said_en, *_ = REASON_WORDS[result.reason]
    return "failed", f"{zh}：{said_zh}（{result.text}）", f"{en}: {said_en} ({result.text})"


def _answers(stage: Stage) -> set[str]:
    """Collect for a while; gives the keys of parcels about which the department said something."""
    manifest = stage.platform.manifest
    if stage.adapter is None or manifest is None or not stage.keys or "collect" not in manifest.capabilities:
        return set()
    found: set[str] = set()
    cursor, until = "", time.monotonic() + ANSWERS_WITHIN
    while not stage.keys <= found and time.monotonic() < until:
        batch = fetch(stage.adapter, cursor)
        if isinstance(batch, AdapterError):
            break
        cursor, found = batch.cursor, found | {outcome.key for outcome in batch.outcomes}
        if not batch.more:
            time.sleep(APART / 2)
    return found & stage.keys


def _with_answer(step: Step, answered: set[str]) -> Step:
    if not step.key or step.key not in answered:
        return step
    return replace(step, text_zh=f"{step.text_zh}办理结果已收到。", text_en=f"{step.text_en} Its answer came back.")
