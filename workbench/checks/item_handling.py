"""Rules about how an item is handled: who may apply, steps, days, where it is sent."""

from collections.abc import Iterator

from ..api.manifest import ItemManifest
from ..cases.steps import accepting_position
from ..rules.errors import RuleError
from ..rules.parse import parse
from .finding import Fault, Place
from .world import World, suggest


def read_every_rule(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Every expression can be read and uses names of the vocabulary."""
    for place, text in _expressions(item):
        try:
            parse(text)
        except RuleError as error:
            yield Fault(place, f"{text!r}, column {error.column}: {error.text}", error.hint)


def _expressions(item: ItemManifest) -> Iterator[tuple[Place, str]]:
    for kind in ("rules", "exclusions"):
        yield from (((kind, number), text) for number, text in enumerate(getattr(item, kind)))
    for kind in ("fields", "materials"):
        for number, part in enumerate(getattr(item, kind)):
            if part.when:
                yield (kind, number, "when"), part.when


def know_every_platform(item: ItemManifest, world: World) -> Iterator[Fault]:
    """Every step sends to a platform that is installed, with an operation it knows."""
    for number, step in enumerate(item.steps):
        for delivery in step.deliveries:
            place = ("steps", number, "deliveries")
            platform = world.platforms.get(delivery.platform)
            if platform is None:
                hint = suggest(delivery.platform, world.platforms) or "install the department's adapter"
                yield Fault(place, f"no platform {delivery.platform!r} is installed", hint)
            elif delivery.operation not in platform.operations:
                hint = f"it knows: {', '.join(platform.operations)}"
                yield Fault(place, f"{delivery.platform} knows no operation {delivery.operation!r}", hint)


def let_a_worker_accept(item: ItemManifest, world: World) -> Iterator[Fault]:
    """One step is the worker's, and whatever the department does later was sent to it before."""
    if not any(step.by == "worker" for step in item.steps):
        yield Fault(("steps",), "no step is the worker's", 'the step that accepts says by = "worker"')
    accepting = accepting_position(item)
    for number, step in enumerate(item.steps):
        if step.deliveries and step.by in ("applicant", "department"):
            text = f"the step {step.key!r} sends something but is not taken here"
            yield Fault(("steps", number, "by"), text, "what is sent goes with a step of worker, reviewer or approver")
        if step.by == "department" and number > accepting and not _sends_before(item, number):
            text = f"the department cannot take the step {step.key!r}: nothing was sent to it before"
            yield Fault(("steps", number), text, "add deliveries to an earlier step, or name who takes it here")


def _sends_before(item: ItemManifest, number: int) -> bool:
    return any(step.deliveries for step in item.steps[:number])


def count_days_that_agree(item: ItemManifest, world: World) -> Iterator[Fault]:
    """No promise is longer than the law allows, and no step longer than the whole."""
    if item.statutory_days is not None and item.promised_days is not None and item.promised_days > item.statutory_days:
        text = f"{item.promised_days} days are promised, the law allows {item.statutory_days}"
        yield Fault(("promised_days",), text, "promise no more than the law allows")
    for name in ("statutory_days", "promised_days", "publicity_days"):
        if (getattr(item, name) or 0) < 0:
            yield Fault((name,), "days cannot be negative")
    longest = item.statutory_days if item.statutory_days is not None else item.promised_days
    for number, step in enumerate(item.steps):
        if step.days is None:
            continue
        if step.days < 0:
            yield Fault(("steps", number, "days"), "days cannot be negative")
        elif longest is not None and step.unit == item.days_unit and step.days > longest:
            text = f"the step {step.key!r} takes {step.days} days, the whole matter {longest}"
            yield Fault(("steps", number, "days"), text, "shorten the step, or check the days of the item")


def last_from_a_day_to_a_later_one(item: ItemManifest, world: World) -> Iterator[Fault]:
    """An item does not end before it begins."""
    if item.valid_to is not None and item.valid_to < item.valid_from:
        yield Fault(("valid_to",), f"it ends on {item.valid_to}, before it begins", "valid_to is the last day")
