"""Deliveries for which no adapter is here are set aside and come back."""

from typing import Any

from workbench.delivery.park import park, resume, wanted_platforms
from workbench.store.clock import Clock

NOW = Clock().now
PLATFORM = "test_office.window"


def test_delivery_without_adapter_is_set_aside_and_resumed(post: Any, store: Any) -> None:
    (key,) = post.send()

    with store.write() as session:
        park(session, [PLATFORM], NOW())
    assert (post.row(key).state, post.row(key).reason) == ("parked", "adapter-missing")
    assert post.claim() == []

    with store.write() as session:
        assert wanted_platforms(session) == {PLATFORM}
        resume(session, [PLATFORM], NOW())
    assert [claimed.delivery_id for claimed in post.claim()] == [key]


def test_held_delivery_is_not_resumed(post: Any, store: Any) -> None:
    (key,) = post.send()
    post.change(key, state="parked", reason="held")

    with store.write() as session:
        assert wanted_platforms(session) == set()
        resume(session, [PLATFORM], NOW())

    assert post.row(key).reason == "held"
