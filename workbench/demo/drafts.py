"""Forms of the demonstration that are begun and not accepted: filled by the product's own prefill."""

from datetime import UTC, datetime

from sqlmodel import Session

from ..cases.models import DraftRow
from ..reception.prefill import prefill
from ..store.clock import Clock
from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.files import FileStore
from .matter import Matter


def open_form(session: Session, keys: KeyRing, files: FileStore, matter: Matter) -> None:
    """Fill a form with what is known of its resident."""
    scene, plan = matter.scene, matter.plan
    clock = Clock(plan.at - datetime.now(UTC))
    ctx = Context(session, matter.owner, scene.hubs[plan.hub_id], clock, keys, files)
    filled = prefill(ctx, matter.known.person, plan.item.code, scene.form(plan.item))
    matter.tray.add(
        DraftRow,
        case_id=matter.case["id"],
        values=filled.values,
        origins=filled.origins,
        accept_key=scene.chance.new_id(),
        saved_at=plan.at,
    )
