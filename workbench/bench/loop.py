"""The closed loop: so many browsers at once, each sending its next request when the last was answered."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import cycle

from .browser import Browser
from .mix import Done, Visitor, shuffled_steps, sign_in, take_step
from .serving import CPU
from .sittings import Sitting
from .world import World

WORKERS = 32


@dataclass
class Round:
    """What one run of the mix against one target gave."""

    target: str
    seconds: float = 0.0
    server_cpu_seconds: float = 0.0
    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    accepted: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def requests(self) -> int:
        return sum(map(len, self.latencies.values()))

    def note(self, done: Done) -> None:
        """Take down one request."""
        answer = done.answer
        self.latencies[done.step].append(answer.seconds * 1000)
        self.cpu_ms[done.step].append(int(answer.headers.get(CPU.lower(), "0")) / 1000)
        self.sizes[done.step].append(len(answer.body))
        self.unchanged += done.step == "poll" and answer.status != 200
        if not done.is_fine:
            self.wrong.append(f"{done.step}: {answer.status}")
        elif done.case_id:
            self.accepted.append(done.case_id)


def run_round(
    target: str, port: int, world: World, visitors: list[Visitor], ready: list[Sitting], count: int, seed: int
) -> Round:
    """Send so many requests of the mix, and give back what came of them."""
    for visitor in visitors:
        visitor.ready = [sitting for sitting in ready if sitting.desk is visitor.desk]
        visitor.seen = ""
    return asyncio.run(_run(Round(target), port, world, visitors, shuffled_steps(count, seed)))


async def _run(given: Round, port: int, world: World, visitors: list[Visitor], steps: list[str]) -> Round:
    queue = _assign(steps, visitors)
    browsers = await _enter(port, world, visitors)
    began = time.perf_counter()
    slots = asyncio.Semaphore(WORKERS)
    tasks = [
        _work(given, slots, browsers[number], visitor, world, queue[number]) for number, visitor in enumerate(visitors)
    ]
    await asyncio.gather(*tasks)
    given.seconds = time.perf_counter() - began
    for browser in browsers:
        await browser.__aexit__(None, None, None)
    return given


def _assign(steps: list[str], visitors: list[Visitor]) -> list[list[str]]:
    """Give each visitor steps: the accepts to those with forms ready, the lists to the others."""
    queues: list[list[str]] = [[] for _ in visitors]
    left = [len(visitor.ready) for visitor in visitors]
    quiet = [number for number, visitor in enumerate(visitors) if not visitor.ready] or list(range(len(visitors)))
    turn, quiet_turn = cycle(range(len(visitors))), cycle(quiet)
    for step in steps:
        if step == "accept":
            number = max(range(len(visitors)), key=left.__getitem__)
            left[number] -= 1
        elif step in ("queue", "poll"):
            number = next(quiet_turn)
        else:
            number = next(turn)
        queues[number].append(step)
    return queues


async def _enter(port: int, world: World, visitors: list[Visitor]) -> list[Browser]:
    """Sign everybody in before the clock starts, and let each look at the home page once."""
    return list(await asyncio.gather(*(_open(port, world, visitor) for visitor in visitors)))


async def _open(port: int, world: World, visitor: Visitor) -> Browser:
    browser = Browser(port)
    await sign_in(browser, visitor.desk.username, world.password)
    answer = await browser.get(f"/h/{visitor.desk.hub.id}/")
    visitor.seen = answer.headers.get("etag", "")
    return browser


async def _work(
    given: Round, slots: asyncio.Semaphore, browser: Browser, visitor: Visitor, world: World, steps: list[str]
) -> None:
    for step in steps:
        async with slots:
            given.note(await take_step(step, browser, visitor, world))
