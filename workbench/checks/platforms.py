"""Rules about a platform of a department."""

from collections.abc import Iterator
from pathlib import Path

from ..api.adapter import Capability
from ..api.manifest import PlatformManifest
from ..host.discover import judge_api
from ..rules.vocabulary import load_vocabulary
from .finding import Fault
from .world import World, suggest


def fit_this_workbench(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """The platform was written for a surface this workbench offers, and travels in a way that is installed."""
    state, reason = judge_api(platform.api)
    if state != "ready":
        yield Fault(("api",), reason, "see the changes of the surface in the documentation")
    if platform.way not in world.installed.transports:
        yield Fault(("way",), f"no transport {platform.way!r} is installed", "install the package that offers it")


def claim_known_capabilities(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """The capabilities are ones screens know, and can be used."""
    known = [str(capability) for capability in Capability]
    for number, name in enumerate(platform.capabilities):
        if name not in known:
            hint = f"there are: {', '.join(known)}"
            yield Fault(("capabilities", number), f"there is no capability {name!r}", hint)
    if platform.lookups and "lookup" not in platform.capabilities:
        yield Fault(("lookups",), "lookups are named without the capability lookup", "add it, or leave them out")


def look_up_known_facts(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """What a platform can answer are facts of the shared dictionary or names rules use."""
    known = {**world.dictionary.entries, **load_vocabulary()}
    for number, fact in enumerate(platform.lookups):
        if fact not in known:
            yield Fault(("lookups", number), f"there is no fact {fact!r}", suggest(fact, known))


def ship_the_code_maps(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """Every code map named is in the folder codes/."""
    for number, field in enumerate(platform.rekey_fields):
        if field.codes and not (folder / "codes" / f"{field.codes}.csv").is_file():
            yield Fault(("rekey_fields", number, "codes"), f"there is no codes/{field.codes}.csv", "add the map")


def ship_the_programs(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """The codec and the pretend department that are named are in the package."""
    for key in ("codec", "sandbox"):
        module = getattr(platform, key)
        name = module.rpartition(".")[2]
        inside = f".{folder.name}." in f".{module}"
        if module and inside and not (folder / f"{name}.py").is_file():
            yield Fault((key,), f"the module {module!r} is not in {folder.name}/", "check the dotted name")
