"""Takes an order of a machine once: the same key again gives the same case, another order under it is refused."""

import hashlib
import json

from ..store.context import Context
from ..store.problems import Problem
from .models import MachineOrderRow
from .shapes import Shape


def begin_order(ctx: Context, key: str, order: Shape) -> MachineOrderRow:
    """Give the order of this key, new when its `case_id` is ""; raises Problem for another one of the same key.

    Of two at the same moment the second waits here and gives way; done once more it finds what the first left.
    """
    token_id, digest = ctx.actor.id.removeprefix("token:"), _digest(ctx, order)
    row = ctx.session.get(MachineOrderRow, (token_id, key))
    if row is None:
        row = MachineOrderRow(token_id=token_id, key=key, digest=digest, created_at=ctx.clock.now())
        ctx.session.add(row)
        ctx.session.flush()
    elif row.digest != digest:
        zh, en = "此幂等键已用于另一项内容。", "This idempotency key was used for something else."
        raise Problem("key_reused", zh, en, "idempotency_key")
    return row


def _digest(ctx: Context, order: Shape) -> bytes:
    """Mark what was ordered so that nobody can guess it from the mark."""
    text = json.dumps(order.model_dump(mode="json"), sort_keys=True)
    return ctx.keys.mark("machine_order", hashlib.sha256(text.encode()).hexdigest())
