"""Signing in with a local account, behind one door: other ways in hand over a worker to `let_in`.

Failures are counted per name and per address in the database, so that several processes count together.
"""

from datetime import datetime

from sqlmodel import Session, select

from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.problems import Problem
from . import floods, sessions
from .passwords import matches


def refuse_flood(session: Session, keys: KeyRing, username: str, address: str, now: datetime) -> None:
    """Raise Problem when this name or address failed too often lately."""
    if wait := floods.minutes_to_wait(session, keys, floods.SIGN_IN, now, name=username, address=address):
        raise _flooded(wait)


def refuse_flood_from(session: Session, keys: KeyRing, address: str, now: datetime) -> None:
    """Raise Problem when this address failed too often lately: for ways in that name nobody before they are proven."""
    if wait := floods.minutes_to_wait(session, keys, floods.SIGN_IN, now, address=address):
        raise _flooded(wait)


def count_failure_from(session: Session, keys: KeyRing, address: str, now: datetime) -> None:
    """Remember a failed sign-in that named nobody."""
    floods.count(session, keys, floods.SIGN_IN, now, address=address)


def count_failure(session: Session, keys: KeyRing, username: str, address: str, now: datetime) -> None:
    """Remember a failed sign-in."""
    floods.count(session, keys, floods.SIGN_IN, now, name=username, address=address)


def check_password(session: Session, username: str, password: str) -> WorkerRow | None:
    """Find the active worker with this name and password."""
    row = session.exec(select(WorkerRow).where(WorkerRow.username == username)).first()
    known = row.password_hash if row and row.is_active else ""
    return row if matches(password, known) else None


def let_in(
    ctx: Context, worker_id: str, proof: sessions.Proof | None = None, *, before: sessions.SignedIn | None = None
) -> str:
    """Start a session for a worker whom some way in has proven; gives the cookie's secret.

    One screen per worker, one worker per screen: what was open before here or elsewhere ends.
    """
    now = ctx.clock.now()
    if before is not None:
        sessions.end(ctx.session, before.digest, now, "signed in anew at this screen")
    sessions.end_all(ctx.session, worker_id, now, "signed in at another screen")
    return sessions.start(ctx.session, worker_id, now, proof)


def _flooded(wait: int) -> Problem:
    zh = f"尝试次数过多，请 {wait} 分钟后再试，或请站点管理员重设密码。"
    en = f"Too many attempts. Try again in {wait} minutes, or ask your hub admin to reset the password."
    return Problem("too_many_attempts", zh, en, field="password")


def wrong_password() -> Problem:
    """Say that name or password is wrong, without saying which."""
    zh, en = "用户名或密码不正确，请重新输入。", "The username or password is not right. Enter them again."
    return Problem("wrong_password", zh, en, field="password")


def ended_password() -> Problem:
    """Say that a password an admin gave was not replaced in time; only who typed it right is told."""
    zh = "管理员给您的初始密码已过期。请找站点管理员重新设置，并在登录后及时改成自己的密码。"
    en = "The password an admin gave you is over. Ask the hub admin for a new one, and choose your own soon after."
    return Problem("password_ended", zh, en, field="password")
