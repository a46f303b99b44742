"""Turns on PostgreSQL: acts under one name come one after the other. SQLite lets all writers do so."""

from hashlib import blake2b

from sqlalchemy import BigInteger, bindparam, func, select
from sqlmodel import Session

from .rows import prepare, run

#: Held until the transaction ends; nothing of it stands in any table.
TAKE = prepare(select(func.pg_advisory_xact_lock(bindparam("turn", type_=BigInteger))))


def take_turn(session: Session, name: str) -> None:
    """Wait until nobody else has this turn, and keep it until the transaction ends."""
    run(session, TAKE, turn=int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True))
