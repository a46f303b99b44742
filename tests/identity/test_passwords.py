"""What may become a password, and that it is taken exactly as typed."""

import pytest
from screens import World, text_of

from workbench.identity.new_password import LEAST, MOST, refuse_easy_password
from workbench.store.problems import Problem

EASY = (
    "short", "a" * 12, "121212121212", "abcdefghijkl", "qwertyuiop12", "password1234", "Password2026", "P@ssw0rd2026",
    "worker1worker1", "圆桌工作台圆桌工作台社区社工", "workbench2026", "1qaz2wsx3edc", "administrator1", "000011112222",
    "zyxwvutsrqponm", "iloveyou12345", "x" * (MOST + 1),
    # of known breaches, or made of them
    "unbelievable", "masterbating", "1234qwerasdf", "liverpoolfc1", "Jennifer2026!", "jordan23jordan", "5201314woaini",
)  # fmt: skip
GOOD = (
    "four horses on a table",
    "梧桐树下的旧自行车铃铛响",
    "Vq9-tm2-Lk7-ws4",
    "one-two-three-four",
    "é" + "word salad " * 11,
)


@pytest.mark.parametrize("new", EASY)
def test_easy_passwords_are_refused(new: str) -> None:
    with pytest.raises(Problem) as refused:
        refuse_easy_password(new, "worker1")
    assert refused.value.field == "new_password"


def test_every_password_of_known_breaches_is_refused() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    long_enough = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= LEAST]
    assert len(FREQUENCY_LISTS["passwords"]) >= 30_000
    for known in long_enough:
        with pytest.raises(Problem):
            refuse_easy_password(known, "worker1")


@pytest.mark.parametrize("new", GOOD)
def test_others_are_taken(new: str) -> None:
    assert LEAST <= len(new) <= MOST
    refuse_easy_password(new, "worker1", "another one before")


def test_a_worker_changes_the_password(world: World, with_password: str) -> None:
    client, new = world.sign_in("worker1"), "  Four horses on a táble " + "!" * 60

    wrong = client.post("/account/password", data={"old_password": "not it", "new_password": new})
    assert (wrong.status_code, "原密码不正确" in text_of(wrong.text)) == (422, True)
    assert (
        client.post("/account/password", data={"old_password": with_password, "new_password": new}).status_code == 303
    )

    fresh = world.app.test_client()
    assert fresh.post("/sign-in", data={"username": "worker1", "password": new.strip()}).status_code == 422
    assert fresh.post("/sign-in", data={"username": "worker1", "password": new.lower()}).status_code == 422
    assert fresh.post("/sign-in", data={"username": "worker1", "password": new}).status_code == 303
