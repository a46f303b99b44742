"""One installation for all shapes, whose clock stands in a file and is moved forward through months."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from product import running_product
from town import Town, move_clock

FIRST = "2026-01-05 10:30"
#: Nobody is locked out by a clock that jumps.
SETTINGS = "idle_lock_minutes = 2000000\nsession_hours = 40000\n"
NEVER = "10000000"


@pytest.fixture(scope="session")
def town(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    instance = tmp_path_factory.mktemp("town")
    (instance / "workbench.toml").write_text(SETTINGS)
    clock = instance / "clock"
    move_clock(clock, FIRST)
    environment = {"WORKBENCH_CLOCK_FILE": str(clock), "WORKBENCH_DEPARTMENT_DECIDES_AFTER": NEVER}
    with running_product(instance, **environment) as product:
        opened = Town(product, chromium, clock)
        yield opened
        for window in opened.windows:
            window.close()


@pytest.fixture(autouse=True)
def nothing_complained(town: Town) -> Iterator[None]:
    """No window had anything to complain about but the answers that refused something."""
    yield

    for (username, _), visitor in town.seated.items():
        told = [text for text in visitor.complaints if "status of 409" not in text and "status of 422" not in text]
        visitor.complaints.clear()
        assert told == [], username
