"""Instructions per step, counted by callgrind through the test client: a gate that other programs cannot disturb.

Each step runs twice, with few and with many repetitions, under a fixed hash seed; the difference by the
difference in repetitions is what one request takes, whatever starting up takes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .mix import Visitor
from .world import World

FEW, MANY = 5, 25
TOTAL = re.compile(r"(?:Collected|refs:)\s*:?\s*([\d,]+)")
#: Sign-in is a password hash and accept uses its form up: neither can be repeated alike.
STEPS = ("find", "form", "queue", "poll", "guide", "case")
Instructions = dict[str, dict[str, int]]


class NoValgrind(Exception):
    """Valgrind is not installed; install the package valgrind."""


def count_instructions(world: World, visitor: Visitor) -> Instructions:
    """Count instructions per request of each step for both targets; raises NoValgrind."""
    if not shutil.which("valgrind"):
        raise NoValgrind
    plan = world.settings.instance / "plan.json"
    plan.write_text(json.dumps(_plan(world, visitor), ensure_ascii=False), "utf-8")
    jobs = [(target, step) for target in ("twin", "product") for step in STEPS]
    found: Instructions = {target: {} for target in ("twin", "product")}
    for target, step in jobs:
        few, many = (_run(world, plan, target, step, times) for times in (FEW, MANY))
        found[target][step] = (many - few) // (MANY - FEW)
    return found


def _plan(world: World, visitor: Visitor) -> dict[str, str]:
    person = visitor.people[0]
    return {
        "username": visitor.desk.username,
        "password": world.password,
        "hub": visitor.desk.hub.id,
        "person": person.id,
        "name": person.name,
        "form": visitor.forms[0].case_id,
        "case": visitor.cases[0].case_id,
    }


def _run(world: World, plan: Path, target: str, step: str, times: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m"]
    command += [f"{__package__}.repeat", str(plan), target, step, str(times)]
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "WORKBENCH_INSTANCE": str(plan.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    found = TOTAL.findall(done.stderr)
    return int(found[-1].replace(",", ""))


def show_instructions(found: Instructions, console: Console) -> None:
    """Print millions of instructions per request."""
    table = Table("step", "twin", "product", "ratio", title="Million instructions per request")
    for step in STEPS:
        hand, ours = found["twin"][step], found["product"][step]
        table.add_row(step, f"{hand / 1e6:.2f}", f"{ours / 1e6:.2f}", f"{hand / ours:.2f}")
    console.print(table)


def write_instructions(found: Instructions, path: Path) -> None:
    """Write them as JSON."""
    path.write_text(json.dumps({"instructions": found}, indent=1) + "\n", "utf-8")
