"""How deliveries stand on a page: what holds them up is said, be it theirs or their platform's."""

from typing import Any

from workbench.api import Health
from workbench.delivery.health import ensure_platform, record_check
from workbench.delivery.standing import read_standing
from workbench.host.discover import Installed
from workbench.store.clock import Clock

PLATFORM = "test_office.window"


def read(store: Any, key: str) -> Any:
    with store.read() as session:
        return read_standing(session, key, Installed((), ()))


def test_waiting_delivery_goes_by_itself(post: Any, store: Any) -> None:
    assert read(store, post.send()[0]).text_en == "Waiting to be sent to test_office.window; this happens by itself."


def test_waiting_delivery_tells_that_its_platform_is_down(post: Any, store: Any) -> None:
    (key,) = post.send()
    with store.write() as session:
        record_check(session, PLATFORM, Health("down"), Clock().now())

    standing = read(store, key)

    assert "cannot be reached" in standing.text_en
    assert standing.next_try is not None


def test_waiting_delivery_tells_that_its_platform_was_paused(post: Any, store: Any) -> None:
    (key,) = post.send()
    with store.write() as session:
        ensure_platform(session, PLATFORM).is_paused = True

    assert "hold" in read(store, key).text_en
