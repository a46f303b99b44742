"""Rules about the words and names in an item file."""

from collections.abc import Iterable, Iterator

from ..api.manifest import ItemManifest
from .finding import Fault, Place
from .world import World

BOTH = "everything people read is written in Chinese and in English"


def speak_both_languages(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Every title, label and name people read is there in both languages."""
    for place, zh, en in _words(item):
        if not zh.strip():
            yield Fault(place, "the Chinese text is missing", BOTH)
        if not en.strip():
            yield Fault(
                (*place[:-1], f"{str(place[-1]).removesuffix('_zh')}_en"), f"the English for {zh!r} is missing", BOTH
            )


def _words(item: ItemManifest) -> Iterator[tuple[Place, str, str]]:
    yield ("title_zh",), item.title_zh, item.title_en
    for number, material in enumerate(item.materials):
        yield ("materials", number, "name"), material.name, material.name_en
    for number, step in enumerate(item.steps):
        yield ("steps", number, "name"), step.name, step.name_en
    for number, field in enumerate(item.fields):
        if not field.fact:
            yield ("fields", number, "label"), field.label, field.label_en
        for column, part in enumerate(field.columns):
            yield ("fields", number, "columns", column, "label"), part.label, part.label_en
    for name in ("applicant_conditions", "result"):
        if zh := getattr(item, name):
            yield (name,), zh, getattr(item, f"{name}_en")


def use_each_key_once(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Fields, materials and steps have keys of their own."""
    for kind in ("fields", "materials", "steps"):
        keys = [part.key for part in getattr(item, kind)]
        for number in _repeated(keys):
            yield Fault((kind, number, "key"), f"the key {keys[number]!r} is used twice", "give each a key of its own")


def _repeated(keys: list[str]) -> Iterable[int]:
    return (number for number, key in enumerate(keys) if key in keys[:number])


def say_why_data_is_asked_for(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Personal data is asked for with a purpose that can be shown and audited."""
    if not item.purpose:
        yield Fault(("purpose",), "the purpose is missing", "say in a few words what the data is asked for")
