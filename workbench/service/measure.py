"""What is measured: requests by this process, and what the database knows about deliveries and platforms.

Labels name endpoints, states and platforms; never a path, a person or a worker. With
PROMETHEUS_MULTIPROC_DIR set, the counters of all web processes are added up.
"""

import os
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from flask import Flask, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlmodel import Session

from ..delivery.alarm import late_queues
from ..delivery.health import platform_states, queue_figures
from ..web.here import asked, held
from .ready import worker_seconds

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10)
#: Not the default registry: a library must not find a way into the answer by being imported.
OWN = CollectorRegistry()
REQUESTS = Counter(
    "workbench_requests", "Requests answered, by endpoint and status.", ("endpoint", "method", "status"), registry=OWN
)
DURATION = Histogram(
    "workbench_request_seconds", "Time to answer, by endpoint.", ("endpoint",), registry=OWN, buckets=SECONDS
)
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_counter, _clock = cache(REQUESTS.labels), cache(DURATION.labels)


def install(app: Flask) -> None:
    """Count every request of this process."""

    @app.after_request
    def count(response: Response) -> Response:
        request, here = asked(), held()
        endpoint = request.endpoint or "none"
        method = request.method if request.method in METHODS else "other"
        _counter(endpoint, method, str(response.status_code)).inc()
        if "began" in here:
            _clock(endpoint).observe(time.perf_counter() - here.began)
        return response


def write_metrics(session: Session, now: datetime) -> bytes:
    """Write everything in Prometheus' text format."""
    return generate_latest(_requests()) + generate_latest(_from_database(session, now))


def _requests() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return OWN
    whole = CollectorRegistry()
    MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
    return whole


def _from_database(session: Session, now: datetime) -> CollectorRegistry:
    """Read everything first, so that an error is an error page and not half an answer."""
    found = list(_gauges(session, now))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ready(found))
    return registry


class _Ready:
    """Metrics that were read already, in the shape the registry wants."""

    def __init__(self, found: list[GaugeMetricFamily]) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._found


def _gauges(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    queue = GaugeMetricFamily(
        "workbench_deliveries", "Deliveries under way, by platform and state.", labels=("platform", "state")
    )
    for figure in queue_figures(session):
        queue.add_metric((figure.platform_id, figure.state), figure.count)
    yield queue
    yield from _platforms(session, now)
    late = GaugeMetricFamily(
        "workbench_late_deliveries", "Deliveries of a queue whose oldest stays too long.", labels=("platform", "state")
    )
    for found in late_queues(session, now):
        late.add_metric((found.platform_id, found.state), found.count)
    yield late
    alive = GaugeMetricFamily("workbench_worker_seen_seconds", "Seconds since a worker process gave a sign of life.")
    if (seconds := worker_seconds(session, now)) is not None:
        alive.add_metric((), seconds)
    yield alive


def _platforms(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    oldest = GaugeMetricFamily(
        "workbench_oldest_undelivered_seconds", "Age of the oldest parcel the department lacks.", labels=("platform",)
    )
    closed = GaugeMetricFamily(
        "workbench_platform_closed", "1 while nothing is sent because the platform is sick.", labels=("platform",)
    )
    paused = GaugeMetricFamily("workbench_platform_paused", "1 while an admin holds sending.", labels=("platform",))
    health = GaugeMetricFamily(
        "workbench_platform_health", "1 for the state a platform is in.", labels=("platform", "state")
    )
    for state in platform_states(session):
        waits = (now - state.oldest).total_seconds() if state.oldest else 0.0
        oldest.add_metric((state.platform_id,), max(waits, 0.0))
        closed.add_metric((state.platform_id,), float(state.is_closed))
        paused.add_metric((state.platform_id,), float(state.is_paused))
        health.add_metric((state.platform_id, state.health), 1.0)
    yield from (oldest, closed, paused, health)
