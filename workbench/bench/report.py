"""The result on paper: tables for people, one JSON object for machines."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .compare import Comparison
from .drain import Drained
from .figures import cpu_per_request, requests_per_second, score, step_figures
from .mix import WEIGHTS
from .outbox import Outgoing
from .twin import LACKS


def result_of(
    found: Comparison, drained: Drained | None, outboxes: Mapping[str, Outgoing], about: dict[str, Any]
) -> dict[str, Any]:
    """Put everything that was measured into one object."""
    twin, product = (step_figures(found.rounds[target]) for target in ("twin", "product"))
    return {
        "about": about,
        "score": round(score(twin, product), 3),
        "steps": {step: _step(step, found, twin, product) for step in WEIGHTS if step in product and step in twin},
        "targets": {target: _target(found, target) for target in found.rounds},
        "deliveries": asdict(drained) if drained else {},
        "outbox": {target: asdict(figures) for target, figures in outboxes.items()} | {"ratio": _ratios(outboxes)},
        "wrong": sorted({text for rounds in found.rounds.values() for one in rounds for text in one.wrong}),
        "twin_lacks": list(LACKS),
    }


def _step(step: str, found: Comparison, twin: Any, product: Any) -> dict[str, Any]:
    sides = {}
    for target, figures in (("twin", twin), ("product", product)):
        counted = found.counted[target][step]
        rounded = {name: round(value, 2) for name, value in asdict(figures[step]).items()}
        sides[target] = rounded | {"statements": counted.statements, "round_trips": counted.trips}
    return sides | {"ratio": round(twin[step].cpu_ms / product[step].cpu_ms, 3)}


def _target(found: Comparison, target: str) -> dict[str, Any]:
    rounds = found.rounds[target]
    return {
        "requests_per_second": round(requests_per_second(rounds), 1),
        "server_cpu_ms_per_request": round(cpu_per_request(rounds), 2),
        "memory_mb_per_process": [round(one.memory_mb) for one in found.usage.get(target, ())],
        "start_seconds": round(found.start_seconds.get(target, 0.0), 2),
        "accepted": sum(len(one.accepted) for one in rounds),
        "polls_unchanged": sum(one.unchanged for one in rounds),
    }


def _ratios(outboxes: Mapping[str, Outgoing]) -> dict[str, float]:
    """Give how near the product comes to the twin: 1 is as good; of lags the twin's by the product's."""
    hand, ours = (asdict(outboxes[target]) for target in ("twin", "product"))
    return {
        name: round(hand[name] / ours[name] if "lag" in name else ours[name] / hand[name], 3) if ours[name] else 0.0
        for name in hand
    }


def show(result: dict[str, Any], console: Console) -> None:
    """Print the result."""
    console.print(_steps_table(result))
    console.print(_targets_table(result))
    if result["deliveries"]:
        console.print(_rows("Deliveries", result["deliveries"]))
    console.print(_outbox_table(result["outbox"]))
    if result["wrong"]:
        console.print("Wrong answers:", ", ".join(result["wrong"]))
    console.print("The twin lacks:", "; ".join(result["twin_lacks"]))
    console.print(f"[bold]Score {result['score']:.3f}[/] (geometric mean of twin/product CPU per request; 1 = by hand)")


def _steps_table(result: dict[str, Any]) -> Table:
    table = Table(title="Steps: product (twin)")
    for name in ("step", "CPU ms", "ratio", "p50 ms", "p95 ms", "p99 ms", "statements", "round trips", "KB"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for step, sides in result["steps"].items():
        ours, hand = sides["product"], sides["twin"]
        keys = ("p50", "p95", "p99", "statements", "round_trips", "page_kb")
        cells = [f"{ours[key]:.4g} ({hand[key]:.4g})" for key in keys]
        table.add_row(step, f"{ours['cpu_ms']:.2f} ({hand['cpu_ms']:.2f})", f"{sides['ratio']:.2f}", *cells)
    return table


def _targets_table(result: dict[str, Any]) -> Table:
    table = Table("", *result["targets"], title="Programs")
    first = next(iter(result["targets"].values()))
    for name in first:
        table.add_row(name.replace("_", " "), *(str(side[name]) for side in result["targets"].values()))
    return table


def _outbox_table(sides: dict[str, dict[str, float]]) -> Table:
    table = Table("", *sides, title="Parcels to prompt departments, per second of the sender's CPU")
    for name in sides["ratio"]:
        table.add_row(name.replace("_", " "), *(str(side[name]) for side in sides.values()))
    return table


def _rows(title: str, values: dict[str, Any]) -> Table:
    table = Table("", "", title=title)
    for name, value in values.items():
        table.add_row(name.replace("_", " "), str(value))
    return table


def write(result: dict[str, Any], path: Path) -> None:
    """Write the result as JSON."""
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
