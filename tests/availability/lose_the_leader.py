"""Kills, freezes and switches over the leader of a PostgreSQL cluster while cases come in, and compares the books.

`scripts/lose-the-leader` needs Debian's patroni, etcd-server and postgresql, and takes some minutes.
It prints for each loss of the leader how long nothing was accepted; it ends with 1 when anything acknowledged is lost.
"""

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from cluster import DATABASE, TTL, Cluster, make_cluster
from sqlalchemy import create_engine

from workbench.faults.books import settle
from workbench.faults.intake import Intake
from workbench.faults.town import Town, build_town, wait_for
from workbench.testing.ports import free_port

PLATFORM, ITEMS = "civil_affairs.case_gateway", ("MZ-004", "MZ-005", "MZ-006")
CLIENTS, EVERY, CALM = 4, 0.5, 10.0
#: How long a leader stands still; longer than until it is replaced.
FROZEN = TTL + 25.0


class TimedIntake(Intake):
    """Remembers when each number was shown."""

    moments: list[float]

    def _show(self, order: dict[str, Any], number: str) -> None:
        super()._show(order, number)
        self.moments.append(time.monotonic())


def longest_pause(moments: list[float], since: float, until: float) -> float:
    """Give the longest time between two numbers."""
    inside = [since, *sorted(moment for moment in moments if since <= moment <= until), until]
    return max(later - sooner for sooner, later in pairwise(inside))


def kill_leader(cluster: Cluster) -> None:
    """Kill the leading server and its Patroni, as a power cut would; start the node again once another leads."""
    lost = cluster.leader()
    if lost is None or lost.process is None:
        raise LookupError("nobody leads")
    lost.signal(signal.SIGKILL)
    lost.process.wait(30)
    wait_for(lambda: (now := cluster.leader()) and now is not lost, 120, "another node leads")
    cluster.start_node(lost)


def freeze_leader(cluster: Cluster) -> None:
    """Stop the leading server and its Patroni where they stand, and let them go on after another has taken over."""
    lost = cluster.leader()
    if lost is None:
        raise LookupError("nobody leads")
    lost.signal(signal.SIGSTOP)
    try:
        time.sleep(FROZEN)
    finally:
        lost.signal(signal.SIGCONT)


LOSSES: dict[str, Callable[[Cluster], None]] = {
    "switched over": Cluster.switch_over,
    "killed": kill_leader,
    "frozen": freeze_leader,
}


def suffer(cluster: Cluster, town: Town, seed: int) -> bool:
    """Let the leader be lost in every way under intake; tells whether the books agree afterwards."""
    intake, stop = TimedIntake(town, ITEMS, Random(seed)), threading.Event()
    intake.moments = []
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(intake.keep_going, stop, every=EVERY) for _ in range(CLIENTS)]
        try:
            wait_for(lambda: intake.delivered() > 20, 120, "cases come in and go out")
            for name, lose in LOSSES.items():
                before, since = len(intake.receipts.shown), time.monotonic()
                lose(cluster)
                wait_for(cluster.is_whole, 180, f"{name}: the cluster is whole again")
                time.sleep(CALM)
                told = longest_pause(intake.moments, since, time.monotonic())
                shown = len(intake.receipts.shown) - before
                print(
                    f"leader {name}: nothing accepted for {told:.1f} s at most; {shown} accepted around it", flush=True
                )
        finally:
            stop.set()
    for client in clients:
        client.result()
    print(f"shown {len(intake.receipts.shown)}, slowest answer {intake.receipts.slowest:.1f} s; settling", flush=True)
    town.store.engine.dispose()  # no connection to a node that led before
    verdict = settle(town, [intake.receipts], 120, only_these=False)
    print(verdict)
    return verdict.is_clean


def main(seed: int) -> int:
    """Build cluster and town, lose the leader, compare."""
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="workbench-availability-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = make_cluster(Path(folder) / "cluster")
        town = None
        try:
            cluster.start()
            engine = create_engine(cluster.url.replace(f"/{DATABASE}?", "/postgres?"), isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {DATABASE}")
            engine.dispose()
            instance = Path(folder) / "instance"
            instance.mkdir()
            town = build_town(instance, cluster.url, free_port())
            town.start_office(PLATFORM)
            town.start_web()
            for _ in range(2):
                town.start("worker")
            return 0 if suffer(cluster, town, seed) else 1
        finally:
            if town:
                town.close()
            cluster.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
