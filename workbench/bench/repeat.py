"""Sends one step so many times through the test client: `python -m workbench.bench.repeat PLAN TARGET STEP TIMES`."""

import gc
import json
import logging
import sys
from pathlib import Path
from typing import Any

from ..app import create_app
from ..settings import load_settings
from .browser import TOKEN
from .mix import FRAGMENT
from .twin.app import make_twin


def main(arguments: list[str]) -> int:
    """Repeat a step."""
    plan, target, step, times = json.loads(Path(arguments[0]).read_text("utf-8")), *arguments[1:]
    logging.disable(logging.CRITICAL)
    settings = load_settings()
    app = create_app(settings) if target == "product" else make_twin(settings)
    client: Any = app.test_client()
    found = TOKEN.search(client.get("/sign-in").data)
    form = {"csrf_token": found[1].decode() if found else ""}
    client.post("/sign-in", data=form | {"username": plan["username"], "password": plan["password"]})
    home, people = f"/h/{plan['hub']}/", f"/h/{plan['hub']}/people/{plan['person']}"
    seen = FRAGMENT | {"If-None-Match": client.get(home).headers.get("ETag", "")}
    asks = {
        "find": lambda: client.post(f"{home}search", data=form | {"q": plan["name"]}),
        "form": lambda: client.get(f"{home}cases/{plan['form']}/form"),
        "queue": lambda: client.get(home),
        "poll": lambda: client.get(home, headers=seen),
        "guide": lambda: client.get(f"{people}/items"),
        "case": lambda: client.get(f"{home}cases/{plan['case']}"),
    }
    asks[step]()
    gc.disable()  # when it runs depends on what was made before
    for _ in range(int(times)):
        if asks[step]().status_code >= 400:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
