"""What processes take, read from /proc: CPU seconds and memory, children included."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """One process."""

    pid: int
    cpu_seconds: float
    memory_mb: float


def memory_of() -> float:
    """Give the memory of this process in MB; 0 where there is no /proc."""
    found = _read(os.getpid())
    return round(found.memory_mb, 1) if found else 0.0


def usage_of(pid: int) -> list[Usage]:
    """Give a process and all its descendants; empty where there is no /proc or no such process."""
    found = _read(pid)
    children = [usage for child in _children(pid) for usage in usage_of(child)]
    return ([found] if found else []) + children


def _read(pid: int) -> Usage | None:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    resident = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0")
    return Usage(pid, (int(fields[11]) + int(fields[12])) / TICKS, int(resident) / 1024)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        return found
    return found
