"""A second step for passwords: the six digits an app on the worker's phone shows for thirty seconds (TOTP)."""

from datetime import datetime
from hmac import compare_digest

import pyotp
from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from ..store.context import Context
from ..store.first import ensure_row
from ..store.problems import Problem
from ..store.rows import prepare, run
from .way_in_models import PhoneCodeRow

SECONDS = 30
#: A phone's clock may be off by one step either way.
STEPS = (-1, 0, 1)
ISSUER = "圆桌工作台"
OWN_CODE = prepare(select(col(PhoneCodeRow.worker_id)).where(col(PhoneCodeRow.worker_id) == bindparam("worker")))


def new_secret() -> str:
    """Make the secret the phone and we will share."""
    return pyotp.random_base32()


def address_for_phone(secret: str, username: str) -> str:
    """Give what the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def has_code(session: Session, worker_id: str) -> bool:
    """Tell whether a worker's password needs the second step."""
    return run(session, OWN_CODE, worker=worker_id).first() is not None


def set_up(ctx: Context, secret: str, code: str) -> None:
    """Ask for codes from now on, once the phone has shown a right one. Raises Problem beside `code`."""
    now = ctx.clock.now()
    step = _step_of(secret, code, now, after=0)
    if step is None:
        raise wrong_code()
    row = ensure_row(ctx.session, PhoneCodeRow(worker_id=ctx.actor.id, secret=secret, created_at=now))
    row.secret, row.created_at, row.last_step = secret, now, step
    ctx.session.flush()


def check_code(session: Session, worker_id: str, code: str, now: datetime) -> bool:
    """Tell whether a code is right and was not used before; it is used now."""
    row = session.get(PhoneCodeRow, worker_id, with_for_update=True)
    step = _step_of(row.secret, code, now, after=row.last_step) if row else None
    if row is None or step is None:
        return False
    row.last_step = step
    return True


def remove_code(session: Session, worker_id: str) -> None:
    """Ask for no code any more. Safe twice."""
    if row := session.get(PhoneCodeRow, worker_id):
        session.delete(row)


def wrong_code() -> Problem:
    """Say that a code is not right."""
    zh = "验证码不正确或已过期，请输入手机上当前显示的六位数字。"
    en = "This code is not right or is over. Enter the six digits your phone shows now."
    return Problem("wrong_code", zh, en, field="code")


def _step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 6):
        return None
    generator, current = pyotp.TOTP(secret), int(now.timestamp()) // SECONDS
    steps = (current + offset for offset in STEPS)
    return next((step for step in steps if step > after and compare_digest(typed, generator.at(step * SECONDS))), None)
