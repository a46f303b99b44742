"""Forms that arrived too late: kept sealed for their worker, and put back after sign-in."""

from dataclasses import dataclass

from flask import request
from sqlmodel import Session

from ..store.ids import new_id
from ..web.services import services
from .models import ParkedPostRow

#: Fields that are never kept.
SECRETS = ("password", "csrf_token")


@dataclass(frozen=True, slots=True)
class ParkedPost:
    """A kept form: where it was going and what was in it."""

    path: str
    form: list[tuple[str, str]]


def park(worker_id: str) -> str:
    """Keep the form of this request for a worker; gives its id, "" when there was nothing in it."""
    form = [(key, value) for key, value in request.form.items(multi=True) if key not in SECRETS]
    if not form:
        return ""
    shop = services()
    row = ParkedPostRow(id=new_id(), worker_id=worker_id, path=request.path, form=form, created_at=shop.clock.now())
    with shop.store.write() as session:
        session.add(row)
        return row.id


def unpark(session: Session, parked_id: str, worker_id: str) -> ParkedPost | None:
    """Give a kept form back to its worker, once; nobody else gets it."""
    row = session.get(ParkedPostRow, parked_id, with_for_update=True)
    if row is None or row.worker_id != worker_id:
        return None
    session.delete(row)
    return ParkedPost(row.path, [(key, value) for key, value in row.form])
