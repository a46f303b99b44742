"""One process of one width: `python -m workbench.bench.width_probe fill|probe FILE` on the installation it is told.

`fill` writes residents and cases, every installed line open; `probe` starts the application as a web process does,
opens the pages again and again, and writes to FILE what it took.
"""

import time

BEGAN = time.monotonic()

import json  # noqa: E402 - what is imported is measured
import logging  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

from sqlmodel import col, select  # noqa: E402

from ..app import create_web_app  # noqa: E402
from ..catalogue.loaded import catalogue  # noqa: E402
from ..demo import fill_demo  # noqa: E402
from ..demo.workers import demo_password  # noqa: E402
from ..hubs.open_lines import find_hub  # noqa: E402
from ..hubs.versions import find_installed, pin_open_lines  # noqa: E402
from ..people.models import PersonRow  # noqa: E402
from ..settings import load_settings  # noqa: E402
from ..store.clock import Clock  # noqa: E402
from ..store.context import SYSTEM, Context  # noqa: E402
from ..tables import METADATA  # noqa: E402
from .browser import TOKEN  # noqa: E402
from .counting import counting  # noqa: E402
from .process import memory_of  # noqa: E402
from .serving import CPU, metered  # noqa: E402

HUB, WORKER, RESIDENTS, CASES = "wutong", "worker1", 400, 120
WARM, TIMES = 3, 41


def fill() -> None:
    """Write the demonstration with every line that is installed, pinned."""
    settings = load_settings()
    store = settings.open_store()
    METADATA.create_all(store.engine)
    fill_demo(settings, store, residents=RESIDENTS, cases=CASES)
    installed = find_installed(settings, store)
    with store.write() as session:
        hub = find_hub(session, HUB)
        if hub is None:
            raise LookupError(HUB)
        files = settings.file_store(store.keys)
        pin_open_lines(Context(session, SYSTEM, hub, Clock(), store.keys, files, "bench"), installed)
    store.close()


def probe(answer: Path) -> None:
    """Start, answer every page often, and write down what it took."""
    app = create_web_app()
    logging.getLogger("workbench").setLevel(logging.WARNING)
    cpu, wall = time.process_time(), time.monotonic() - BEGAN
    shop = app.extensions["workbench"]
    app.wsgi_app = metered(app.wsgi_app)  # type: ignore[method-assign,assignment]
    client = app.test_client()
    found = TOKEN.search(client.get("/sign-in").data)
    form = {"csrf_token": found[1].decode() if found else ""}
    entry = form | {"username": WORKER, "password": demo_password(shop.settings.instance)}
    client.post("/sign-in", data=entry)
    with shop.store.read() as session:
        person = session.exec(select(PersonRow).where(PersonRow.hub_id == HUB).order_by(col(PersonRow.id))).first()
    if person is None:
        raise LookupError("no resident")
    base = f"/h/{HUB}"
    pages: dict[str, Callable[[], Any]] = {
        "home": lambda: client.get(f"{base}/"),
        "picker": lambda: client.get(f"{base}/people/{person.id}/items"),
        "picker, typed": lambda: client.get(f"{base}/people/{person.id}/items?q=dbsq"),
        "search": lambda: client.post(f"{base}/search", data=form | {"q": person.name}),
        "search, an item": lambda: client.post(f"{base}/search", data=form | {"q": "低保"}),
    }
    measured = {name: _measure(app, ask) for name, ask in pages.items()}
    said = {
        "lines": len(shop.installed.ready_lines),
        "items": len(catalogue(shop.installed).by_code),
        "platforms": sum(one.state == "ready" for one in shop.installed.platforms),
        "start_cpu": cpu,
        "start_wall": wall,
        "memory_mb": memory_of(),
        "pages": measured,
    }
    answer.write_text(json.dumps(said), "utf-8")


def _measure(app: Any, ask: Callable[[], Any]) -> tuple[float, int, int]:
    """Give the processor's milliseconds in the middle, the statements, and the KB of a page."""
    for _ in range(WARM):
        status = ask().status_code
        if status != 200:
            raise RuntimeError(f"a page answers {status}")
    with counting(app) as count:
        size = len(ask().data)
        statements = count()[0]
    took = [int(ask().headers[CPU]) for _ in range(TIMES)]
    return round(median(took) / 1000, 2), statements, round(size / 1024)


def main(arguments: list[str]) -> int:
    """Do what is asked."""
    what, answer = arguments
    if what == "fill":
        fill()
    else:
        probe(Path(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
