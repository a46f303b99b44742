"""Gives parcels the account they are handed over with, where a platform wants one per hub or per worker.

The account is taken out of the vault as late as can be, rides on the parcel in memory only, and is never stored
or logged with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from ..identity.vault import note_refused, take_account
from ..store.context import Context
from .dispatch import Result
from .lease import Claimed
from .models import UNOPENED, DeliveryRow

#: The setting of a platform that says whose account parcels go with: "" or "platform", "hub", "worker".
SETTING = "accounts"
LACKING = {
    "hub": "the hub has no account at this platform, or it is over or was refused",
    "worker": "the worker of this case has no account at this platform, or it is over or was refused",
}
#: Given by composition: tells whose case a delivery is.
OwnerOf = Callable[[Session, str], str]
At = Callable[[Session, str], Context]


def give_account(session: Session, claimed: Claimed, settings: Mapping[str, Any], at: At, owner_of: OwnerOf) -> Claimed:
    """Give one claimed parcel its account, or say which one is lacking."""
    whose = settings.get(SETTING)
    if whose not in LACKING or claimed.parcel is None:
        return claimed
    worker_id = owner_of(session, claimed.delivery_id) if whose == "worker" else ""
    if whose == "worker" and not worker_id:
        return replace(claimed, lacks=LACKING[whose])
    ctx = at(session, claimed.parcel.hub_id)
    account = take_account(ctx, claimed.platform_id, worker_id, why=f"delivery:{claimed.delivery_id}")
    if account is None:
        return replace(claimed, lacks=LACKING[whose])
    return replace(claimed, parcel=replace(claimed.parcel, sign_on=account))


def note_account(session: Session, result: Result, settings: Mapping[str, Any], at: At, owner_of: OwnerOf) -> None:
    """Note that the platform did not let in with the account a parcel went with: it is not tried again."""
    whose = settings.get(SETTING)
    if whose not in LACKING or result.reason != "credentials" or result.text in LACKING.values():
        return
    worker_id = owner_of(session, result.delivery_id) if whose == "worker" else ""
    hub_id = session.get_one(DeliveryRow, result.delivery_id, options=[UNOPENED]).hub_id
    note_refused(at(session, hub_id), result.platform_id, worker_id)
