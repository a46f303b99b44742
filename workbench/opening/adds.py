"""What a line would add to a hub, read before it is opened: items, queues, rights, outgoing data, jobs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..api.declared import MapField
from ..api.manifest import JobEntry, MenuEntry, PlatformManifest
from ..catalogue.form import FormField, form_of
from ..catalogue.items import Item
from ..host.discover import Installed, Line

#: Who takes a step at the hub; departments and applicants have no queue here.
HUB_ROLES = ("worker", "reviewer", "policy", "approver")


@dataclass(frozen=True, slots=True)
class Sent:
    """One field that leaves the hub."""

    label_zh: str
    label_en: str
    sensitivity: str


@dataclass(frozen=True)
class Outgoing:
    """What goes to one platform: from how many items, and which fields of their forms."""

    platform_id: str
    manifest: PlatformManifest | None  # None where it is not installed
    items: int
    fields: tuple[Sent, ...]

    @property
    def sensitive(self) -> int:
        """Count the fields that are more than personal."""
        return sum(one.sensitivity == "sensitive" for one in self.fields)


@dataclass(frozen=True)
class Adds:
    """What a line adds."""

    items: tuple[Item, ...]
    queues: Mapping[str, int]  # role -> items with a step for it
    rights: Mapping[str, tuple[str, ...]]  # permission of the line -> roles that hold it
    outgoing: tuple[Outgoing, ...]
    menu: tuple[MenuEntry, ...]
    jobs: tuple[JobEntry, ...]

    @property
    def named_only(self) -> int:
        """Count the items of which only the name is known."""
        return sum(item.manifest.depth == "name" for item in self.items)


def what_it_adds(line: Line, installed: Installed, items: Iterable[Item]) -> Adds:
    """Read from the files what a line adds with these items; nothing is asked of the database."""
    found, manifest = tuple(items), line.manifest
    return Adds(
        items=found,
        queues=_queues(found),
        rights={name: tuple(roles) for name, roles in manifest.permissions.items()} if manifest else {},
        outgoing=_outgoing(installed, found),
        menu=manifest.menu if manifest else (),
        jobs=manifest.jobs if manifest else (),
    )


def _queues(items: Iterable[Item]) -> dict[str, int]:
    counted: Counter[str] = Counter(role for item in items for role in {step.by for step in item.manifest.steps})
    return {role: counted[role] for role in HUB_ROLES if counted[role]}


def _outgoing(installed: Installed, items: Iterable[Item]) -> tuple[Outgoing, ...]:
    sending: dict[str, list[Item]] = {}
    for item in items:
        for platform_id in item.manifest.platform_ids:
            sending.setdefault(platform_id, []).append(item)
    return tuple(_to(installed, platform_id, several) for platform_id, several in sorted(sending.items()))


def _to(installed: Installed, platform_id: str, items: list[Item]) -> Outgoing:
    platform = installed.platform(platform_id)
    manifest = platform.manifest if platform else None
    asked: dict[str, FormField] = {}
    for item in items:
        asked |= form_of(item.manifest).fields
    taken = _taken(manifest)
    # A codec is handed the whole form; a declared platform takes what its map names.
    fields = [field for key, field in asked.items() if taken is None or key in taken]
    sent = (Sent(field.label_zh, field.label_en or field.label_zh, field.sensitivity) for field in fields)
    return Outgoing(platform_id, manifest, len(items), tuple(dict.fromkeys(sent)))


def _taken(manifest: PlatformManifest | None) -> frozenset[str] | None:
    """Name the fields of the form a declared platform takes; None for the whole form."""
    if manifest is None or manifest.declared is None or manifest.codec or manifest.way == "rekey":
        return None
    pushes = manifest.declared.push.values()
    if any(push.rest for push in pushes):
        return None
    return frozenset(name.partition(".")[0] for push in pushes for name in _ours(push.map))


def _ours(fields: Iterable[MapField]) -> Iterable[str]:
    for field in fields:
        if field.ours:
            yield field.ours
