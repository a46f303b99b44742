"""Rules about a platform that is declared instead of programmed."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import get_args

from ..api.declared import ASKED, PARCEL, Ask, Declared, MapField
from ..api.manifest import PlatformManifest
from ..api.parcels import TASK_VALUES, Outcome
from .finding import Fault, Place
from .world import World, suggest

STATES = frozenset(get_args(Outcome.__annotations__["status"]))
MADE = frozenset({"time", "seconds", "stamp", "nonce", "method", "path", "body", "operation", "sign"})
COLUMNS = {"ours", "theirs", "name"}
#: Settings a way cannot do without.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "rest": ("base_url",),
    "soap": ("base_url",),
    "rekey": ("base_url",),
    "web_form": ("base_url", "username", "password"),
    "exchange_db": ("database_url", "stale_minutes"),
    "sftp": ("host", "port", "username", "host_key", "upload_folder", "reply_folder", "stale_minutes"),
}


def say_everything_promised(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """A platform has a codec or declares itself; what it declares covers its capabilities and operations."""
    declared = platform.declared
    if declared is None:
        if not platform.codec:
            yield Fault(("codec",), "the platform has neither a codec nor a [declared] part", "write one of them")
        return
    if platform.way not in NEEDED:
        yield Fault(("way",), f"a platform reached by {platform.way} cannot be declared", "write a codec")
    if platform.way in ("rest", "soap"):
        yield from _lacking_questions(platform, declared)
    if platform.way == "sftp" and not (declared.files and declared.files.replies):
        yield Fault(("declared",), "nothing says how files are called", "add [declared.files] with upload and replies")
    if platform.way == "rekey" and not platform.rekey_fields:
        yield Fault(("declared",), "nothing says what is typed", "add rekey_fields in the order of their screens")
    if platform.way == "web_form" and not (folder / "layout.toml").exists():
        yield Fault(("declared",), "nothing says what their pages look like", "add layout.toml beside platform.toml")
    if platform.way not in ("rekey", "web_form"):
        for name in platform.operations:
            if name not in declared.push:
                yield Fault(("operations",), f"nothing says how {name!r} is sent", f"add [declared.push.{name}]")


def _lacking_questions(platform: PlatformManifest, declared: Declared) -> Iterator[Fault]:
    for name in ("find", "collect", "lookup", "tasks"):
        if name in platform.capabilities and getattr(declared, name) is None:
            yield Fault(("capabilities",), f"{name} is promised and not declared", f"add [declared.{name}]")
    if declared.check is None:
        yield Fault(("declared",), "nothing says how a sign of life is asked for", "add [declared.check]")
    for place, ask in _asks(declared):
        if platform.way == "rest" and not ask.path:
            yield Fault(place, "the question has no path", 'for example path = "/v1/cases"')
        if platform.way == "soap" and not ask.operation:
            yield Fault(place, "the question names no operation of the WSDL", 'for example operation = "submit"')


def map_what_exists(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """Every field of a map takes its value from a field of some item, from the parcel, or is a fixed text."""
    for place, field in _fields(platform):
        if bool(field.ours) == bool(field.text) and not field.columns:
            yield Fault(place, f"{field.theirs}: give ours or text, one of them", 'for example ours = "name"')
        elif field.ours and not _exists(field.ours, world):
            hint = suggest(field.ours, frozenset(world.form_keys | _PARCEL_NAMES))
            yield Fault(place, f"{field.theirs}: there is no field {field.ours!r}", hint or "see the item's form keys")


_PARCEL_NAMES = frozenset(f"parcel.{name}" for name in PARCEL) | frozenset(TASK_VALUES)


def _exists(ours: str, world: World) -> bool:
    return ours in _PARCEL_NAMES or ours in ASKED or ours in world.form_keys


def ship_whole_code_maps(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """Every code map a declared platform names is there, with the columns ours, theirs and name."""
    declared = platform.declared
    if declared is None:
        return
    named = [((*place, "codes"), field.codes) for place, field in _fields(platform)]
    if declared.lookup:
        named += [(("declared", "lookup", "answers"), known.codes) for known in declared.lookup.answers]
    for place, name in named:
        if name:
            yield from _code_map_faults(place, folder, name)
    if declared.collect and platform.way != "rekey":
        place = ("declared", "collect", "statuses")
        faults = list(_code_map_faults(place, folder, declared.collect.statuses))
        yield from faults or _state_faults(place, folder, declared.collect.statuses)


def _code_map_faults(place: Place, folder: Path, name: str) -> Iterator[Fault]:
    try:
        with (folder / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            columns = set(csv.DictReader(lines).fieldnames or ())
    except (FileNotFoundError, UnicodeDecodeError):
        yield Fault(place, f"there is no codes/{name}.csv in UTF-8", "add the map: ours,theirs,name")
        return
    if not columns >= COLUMNS:
        yield Fault(place, f"codes/{name}.csv lacks {', '.join(sorted(COLUMNS - columns))}", "ours,theirs,name")


def _state_faults(place: Place, folder: Path, name: str) -> Iterator[Fault]:
    with (folder / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        ours = {row["ours"] for row in csv.DictReader(lines)}
    for state in sorted(ours - STATES):
        hint = f"there are: {', '.join(sorted(STATES))}"
        yield Fault(place, f"codes/{name}.csv: {state!r} is no outcome", hint)
    if not ours & {"granted", "refused"}:
        yield Fault(place, f"codes/{name}.csv: no state concludes a case", "map granted and refused")


def sign_with_settings(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """What a signature is written from are settings of the platform; the way finds the settings it needs."""
    declared, keys = platform.declared, {setting.key for setting in platform.settings}
    if declared is None:
        return
    for key in NEEDED.get(platform.way, ()):
        if key not in keys:
            yield Fault(
                ("settings",), f"the setting {key!r} is missing", f"platforms reached by {platform.way} need it"
            )
    signing = declared.signing
    texts = [*signing.headers.values(), *([signing.sign.text, f"{{{signing.sign.secret}}}"] if signing.sign else [])]
    holes = chain.from_iterable(re.findall(r"\{([\w.]+)\}", text) for text in texts)
    wanted = set(holes) | ({"client_id", "client_secret"} if signing.token_path else set())
    for name in sorted(wanted - MADE - keys):
        yield Fault(("declared", "signing"), f"{{{name}}} is no setting", suggest(name, frozenset(keys | MADE)))


def know_every_code(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """No code means two things, and one of them lets the department refuse."""
    declared = platform.declared
    if declared is None or platform.way not in ("rest", "soap"):
        return
    shape, place = declared.answer, ("declared", "answer")
    for code in sorted({*shape.done, *shape.again, *shape.nothing} & set(declared.errors)):
        yield Fault(place, f"the code {code} is a success and an error", "keep one")
    if "refused" not in declared.errors.values():
        yield Fault(("declared", "errors"), "no code refuses", 'for example 400 = "refused"')
    if not shape.code and platform.way == "soap":
        yield Fault(place, "nothing says where the code stands", 'for example code = "errorFlag"')


def answer_what_is_looked_up(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """The facts a declared lookup answers are those the platform names as its lookups."""
    if platform.declared and platform.declared.lookup:
        answered = {known.fact for known in platform.declared.lookup.answers}
        for fact in sorted(answered ^ set(platform.lookups)):
            which = "answered and not named in lookups" if fact in answered else "named in lookups and not answered"
            yield Fault(("lookups",), f"{fact} is {which}", "name it in both or in neither")


def _asks(declared: Declared) -> Iterator[tuple[Place, Ask]]:
    for name, push in declared.push.items():
        yield ("declared", "push", name), push
    for name in ("find", "collect", "lookup", "check"):
        ask = getattr(declared, name)
        if ask is not None:
            yield ("declared", name), ask


def _fields(platform: PlatformManifest) -> Iterable[tuple[Place, MapField]]:
    for place, ask in _asks(platform.declared) if platform.declared else ():
        for field in ask.map:
            yield (*place, "map"), field
            yield from (((*place, "map"), column) for column in field.columns)
