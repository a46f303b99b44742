"""Rules about the fields of an item: data is entered once, so a field points at a shared fact or says why not."""

import re
from collections.abc import Iterator

from ..api.manifest import ItemField, ItemManifest
from .finding import Fault, Place
from .world import World, suggest


def know_every_group(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Every group of fields named is one of the shared dictionary."""
    groups = world.dictionary.groups
    for number, name in enumerate(item.field_groups):
        if name not in groups:
            yield Fault(("field_groups", number), f"there is no group {name!r}", suggest(name, groups))


def know_every_fact(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Every fact pointed at, by a field or to spare a material, is one of the shared dictionary."""
    entries = world.dictionary.entries
    pointers = [(("fields", n, "fact"), field.fact) for n, field in enumerate(item.fields)]
    pointers += [(("materials", n, "waived_by_fact"), part.waived_by_fact) for n, part in enumerate(item.materials)]
    for place, fact in pointers:
        if fact and fact not in entries:
            yield Fault(place, f"there is no shared fact {fact!r}", suggest(fact, entries))


def point_or_say_why(item: ItemManifest, world: World) -> Iterator[Fault]:
    """A field either points at a shared fact or says in `own` why it cannot."""
    for number, field in enumerate(item.fields):
        if field.fact and field.own:
            yield Fault(("fields", number, "own"), "the field points at a fact and says it is its own", "keep one")
        if not field.fact and not field.own:
            hint = 'write fact = "…" to enter it once, or own = "why no shared fact fits"'
            yield Fault(("fields", number), f"the field {field.key!r} neither points at a fact nor says why", hint)
        if not field.fact and field.type is None:
            yield Fault(("fields", number), f"the field {field.key!r} has no type", 'for example type = "text"')


def keep_the_form_key(item: ItemManifest, world: World) -> Iterator[Fault]:
    """A field that points at a fact is called as the dictionary calls it; an own field takes no shared name."""
    grouped = {
        entry.form
        for name in item.field_groups
        if (group := world.dictionary.groups.get(name))
        for entry in group.field
    }
    for number, field in enumerate(item.fields):
        shared = world.forms.get(field.fact)
        if shared and shared != field.key:
            yield Fault(("fields", number, "key"), f"{field.fact} is called {shared!r} in forms", f'key = "{shared}"')
        if not field.fact and field.key in grouped:
            text = f"the key {field.key!r} belongs to a field of a group that is asked anyway"
            yield Fault(("fields", number, "key"), text, "point at the shared fact, or choose another key")


def offer_choices_that_exist(item: ItemManifest, world: World) -> Iterator[Fault]:
    """A choice has one table of codes or a list of options in both languages."""
    for place, field in all_fields(item):
        if field.codes and field.codes not in world.code_tables:
            yield Fault(
                (*place, "codes"), f"there is no code table {field.codes!r}", suggest(field.codes, world.code_tables)
            )
        if field.codes and field.options:
            yield Fault((*place, "options"), "codes and options are both given", "keep one")
        if not field.fact and field.type in ("code", "multi") and not field.codes and not field.options:
            yield Fault(place, f"the choice {field.key!r} has nothing to choose from", "give codes or options")
        yield from _judge_options(place, field)


def _judge_options(place: Place, field: ItemField) -> Iterator[Fault]:
    values = [option.split("|")[0] for option in field.options]
    for number, option in enumerate(field.options):
        parts = option.split("|")
        if len(parts) != 3 or not all(parts):
            yield Fault((*place, "options", number), f"{option!r} is not a choice", 'write "value|中文|English"')
        elif parts[0] in values[:number]:
            yield Fault((*place, "options", number), f"the value {parts[0]!r} is offered twice", "keep one")


def give_tables_columns(item: ItemManifest, world: World) -> Iterator[Fault]:
    """A field of type table has columns, and no other has."""
    for number, field in enumerate(item.fields):
        if not field.fact and bool(field.columns) != (field.type == "table"):
            yield Fault(
                ("fields", number), f"{field.key!r}: a table has columns, and nothing else has", "see type and columns"
            )


def ask_nothing_twice(item: ItemManifest, world: World) -> Iterator[Fault]:
    """No field of the item's own looks like a shared fact, or like another field of the same form."""
    shared, seen = _shared_words(world), dict[str, str]()
    for number, field in enumerate(item.fields):
        words = {plain_label(field.label), plain_label(field.label_en)} - {""}
        alike = next((seen[word] for word in words if word in seen), "")
        seen |= dict.fromkeys(words, field.key)
        if alike:
            text = f"{field.key!r} and {alike!r} look alike"
            yield Fault(("fields", number, "label"), text, "ask once, or tell them apart")
        elif not field.fact and (fact := next((shared[word] for word in words if word in shared), "")):
            text = f"{field.key!r} ({field.label}) looks like the shared fact {fact}"
            yield Fault(("fields", number, "label"), text, f'point at it: fact = "{fact}"')


def _shared_words(world: World) -> dict[str, str]:
    """Give the facts of one person by everything they are called; rows about several people are something else."""
    entries = [entry for group in world.dictionary.groups.values() if not group.repeated for entry in group.field]
    found: dict[str, str] = {}
    for entry in entries:
        found |= dict.fromkeys(map(plain_label, (entry.label_zh, entry.label_en, *entry.synonyms)), entry.key)
    return found


def plain_label(label: str) -> str:
    """Strip what does not tell two labels apart: brackets with their content, blanks, signs, case."""
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)|（.*?）", "", label)).lower()


def all_fields(item: ItemManifest) -> Iterator[tuple[Place, ItemField]]:
    """Give fields and the columns of tables, with where they stand."""
    for number, field in enumerate(item.fields):
        yield ("fields", number), field
        for column, part in enumerate(field.columns):
            yield ("fields", number, "columns", column), part
