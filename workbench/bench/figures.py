"""The figures of a measurement: middle values, tails, the score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median

from .loop import Round
from .mix import WEIGHTS


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step at one target, over all rounds."""

    cpu_ms: float
    p50: float
    p95: float
    p99: float
    page_kb: float


def tail(values: Sequence[float], share: float) -> float:
    """Give the value below which this share of them lies; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def step_figures(rounds: Sequence[Round]) -> dict[str, StepFigures]:
    """Give each step's figures; CPU is the median of the rounds' means, so that one disturbed round does not count."""
    found = {}
    for step in WEIGHTS:
        means = [sum(one.cpu_ms[step]) / len(one.cpu_ms[step]) for one in rounds if one.cpu_ms.get(step)]
        times = [value for one in rounds for value in one.latencies.get(step, ())]
        sizes = [value for one in rounds for value in one.sizes.get(step, ())]
        if means:
            kb = sum(sizes) / len(sizes) / 1024
            found[step] = StepFigures(median(means), tail(times, 0.5), tail(times, 0.95), tail(times, 0.99), kb)
    return found


def score(hand: dict[str, StepFigures], product: dict[str, StepFigures]) -> float:
    """Give the geometric mean over the steps of the twin's CPU by the product's: 1.0 is as lean as by hand."""
    return geometric_mean(hand[step].cpu_ms / product[step].cpu_ms for step in hand if step in product)


def geometric_mean(values: Iterable[float]) -> float:
    """Give the geometric mean; 0 for nothing."""
    logs = [log(value) for value in values]
    return exp(sum(logs) / len(logs)) if logs else 0.0


def requests_per_second(rounds: Sequence[Round]) -> float:
    """Give the middle throughput of the rounds."""
    return median(one.requests / one.seconds for one in rounds)


def cpu_per_request(rounds: Sequence[Round]) -> float:
    """Give the middle of the whole server's CPU per request in milliseconds, its own work included."""
    return median(one.server_cpu_seconds * 1000 / one.requests for one in rounds)
