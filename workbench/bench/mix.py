"""The round-table mix: what a hundred requests of a working hub are, and how each is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from ..catalogue.pick import initials
from .browser import Answer, Browser
from .sittings import Sitting
from .world import Desk, Sampled, World

#: Steps of a hundred requests.
WEIGHTS = {
    "sign-in": 1,
    "find": 17,
    "form": 14,
    "accept": 12,
    "queue": 18,
    "poll": 30,
    "guide": 5,
    "case": 3,
}
#: What is typed into the box: whole name, two characters of it, initials, ID number, phone.
FINDS = {"name": 35, "two": 10, "initials": 25, "id_no": 20, "phone": 10}
GUIDES = ("", "db", "cj", "bt", "失业", "老年")
FRAGMENT = {"HX-Request": "true"}
FINE = {
    "sign-in": {303},
    "find": {200},
    "form": {200},
    "accept": {303},
    "queue": {200},
    "poll": {200, 204, 304},
    "guide": {200},
    "case": {200},
}


@dataclass
class Visitor:
    """One browser with its worker, the forms open on the desk and the cases done."""

    desk: Desk
    people: list[Sampled]
    forms: list[Sitting]
    cases: list[Sitting]
    random: Random
    seen: str = ""
    #: Forms to accept, taken from what was prepared for this run.
    ready: list[Sitting] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """One request and what came of it."""

    step: str
    answer: Answer
    is_fine: bool
    case_id: str = ""


def shuffled_steps(count: int, seed: int) -> list[str]:
    """Give so many steps with exactly the weights of the mix, in an order that is the same for the same seed."""
    steps = [step for step, weight in WEIGHTS.items() for _ in range(round(count * weight / 100))]
    Random(seed).shuffle(steps)  # noqa: S311 - the same every time
    return steps


async def take_step(step: str, browser: Browser, visitor: Visitor, world: World) -> Done:
    """Send one request of the mix."""
    hub, person = visitor.desk.hub.id, visitor.random.choice(visitor.people)
    case_id = ""
    match step:
        case "sign-in":
            answer = await sign_in(browser, visitor.desk.username, world.password)
        case "find":
            answer = await browser.post(f"/h/{hub}/search", {"q": typed_for(visitor.random, person)})
        case "form":
            sitting = visitor.random.choice(visitor.forms)
            answer = await browser.get(f"/h/{hub}/cases/{sitting.case_id}/form")
        case "accept":
            sitting = visitor.ready.pop()
            case_id, path = sitting.case_id, f"/h/{hub}/cases/{sitting.case_id}/accept"
            answer = await browser.post(path, {"accept_key": sitting.accept_key})
        case "queue":
            answer = await browser.get(f"/h/{hub}/")
            visitor.seen = answer.headers.get("etag", "")
        case "poll":
            answer = await browser.get(f"/h/{hub}/", FRAGMENT | {"If-None-Match": visitor.seen})
            visitor.seen = answer.headers.get("etag", visitor.seen)
        case "guide":
            typed = visitor.random.choice(GUIDES)
            path = f"/h/{hub}/people/{person.id}/items" + (f"?q={quote(typed)}" if typed else "")
            answer = await browser.get(path, FRAGMENT if typed else {})
        case _:
            answer = await browser.get(f"/h/{hub}/cases/{visitor.random.choice(visitor.cases).case_id}")
    return Done(step, answer, answer.status in FINE[step], case_id)


async def sign_in(browser: Browser, username: str, password: str) -> Answer:
    """Sign a worker in; the page with the form is asked for first when there is no token yet."""
    if not browser.token:
        await browser.get("/sign-in")
    return await browser.post("/sign-in", {"username": username, "password": password})


def typed_for(random: Random, person: Sampled) -> str:
    """Give what a worker might type to find a resident."""
    (kind,) = random.choices(list(FINDS), list(FINDS.values()))
    match kind:
        case "name":
            return person.name
        case "two":
            return person.name[-2:]
        case "initials":
            return initials(person.name)
        case "id_no":
            return person.id_no
    return person.phone


def visitors(world: World, forms: list[Sitting], cases: list[Sitting]) -> Iterator[Visitor]:
    """Give one visitor per desk."""
    for number, desk in enumerate(world.desks):
        own_forms = [sitting for sitting in forms if sitting.desk is desk]
        own_cases = [sitting for sitting in cases if sitting.desk is desk]
        random = Random(number)  # noqa: S311 - the same every time
        yield Visitor(desk, world.people[desk.hub.id], own_forms, own_cases, random)
