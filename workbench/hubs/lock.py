"""What counts a hub's places, or settles who does what there, is done by one at a time."""

from ..store.context import Context
from ..store.locking import ALONE
from .models import HubRow


def lock_hub(ctx: Context) -> HubRow:
    """Give the hub's row as it stands now, locked until the transaction ends; to be locked before anything else."""
    return ctx.session.get_one(HubRow, ctx.hub.id, with_for_update=ALONE)
