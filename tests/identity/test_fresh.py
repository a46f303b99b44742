"""An open session alone changes nothing about how its worker signs on: that asks for a sign-on of a moment ago."""

from datetime import timedelta

import pytest
from screens import World
from sqlmodel import select

from workbench.identity import floods
from workbench.identity.fresh import FRESH
from workbench.identity.models import SignInRow
from workbench.identity.way_in_models import PhoneCodeRow

CHANGES = (
    "/account/passkeys",
    "/account/passkeys/01HZZZZZZZZZZZZZZZZZZANNA1/remove",
    "/account/code/new",
    "/account/code/remove",
    "/account/links/01HZZZZZZZZZZZZZZZZZZANNA1/remove",
)
SAID = "Sign on again before you change"


def grow_old(world: World) -> None:
    """Let every sign-on be a little too long ago."""
    with world.store.write() as session:
        for row in session.exec(select(SignInRow)):
            row.created_at -= FRESH + timedelta(seconds=1)


@pytest.mark.parametrize("path", CHANGES)
def test_a_sign_on_of_long_ago_changes_no_way_in(world: World, path: str) -> None:
    client = world.sign_in("worker1", "en")
    assert SAID not in client.post(path).get_data(as_text=True)
    grow_old(world)
    answer = client.post(path)
    assert answer.status_code == 422
    assert SAID in answer.get_data(as_text=True)
    with world.store.read() as session:
        assert session.exec(select(PhoneCodeRow)).first() is None


def test_no_challenge_and_no_link_for_a_sign_on_of_long_ago(world: World) -> None:
    client = world.sign_in("worker1", "en")
    assert client.post("/account/passkeys/ask").status_code == 200
    grow_old(world)
    assert client.post("/account/passkeys/ask").status_code == 403
    page = client.get("/account").get_data(as_text=True)
    assert SAID in page
    assert 'data-passkey="create"' not in page


def test_wrong_old_passwords_and_codes_are_counted(world: World, with_password: str) -> None:
    """Whoever finds a screen open cannot go on guessing there."""
    client, most = world.sign_in("worker1", "en"), floods.SIGN_IN.most["name"]
    guess = {"old_password": "not this one", "new_password": "quiet rivers carry lanterns"}
    for _ in range(most):
        assert "The old password is not right" in client.post("/account/password", data=guess).get_data(as_text=True)
    right = client.post("/account/password", data={**guess, "old_password": with_password})
    assert "Too many attempts" in right.get_data(as_text=True)
    for _ in range(most):
        client.post("/account/code/remove", data={"code": "000000"})
    assert "Too many attempts" in client.post("/account/code/remove", data={"code": "1"}).get_data(as_text=True)
