"""Whether the workbench's own passwords and passkeys open the door: always, never, or for admins in an emergency.

An admin may say that a provider is the only way in. While it answers, nothing else opens; when it is
down, admins may still come in, and their session is marked for everybody to see.
"""

from typing import Literal

from sqlmodel import Session, col, select

from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import prepare, run
from .discovery import ProviderTrouble, discover
from .second_step import is_admin
from .way_in_models import ProviderRow

Door = Literal["open", "closed", "emergency"]
ONLY_WAYS = prepare(select(col(ProviderRow.issuer)).where(col(ProviderRow.is_open), col(ProviderRow.is_only_way)))


def door(session: Session) -> Door:
    """Tell how the own door stands now; asks the only way in whether it answers."""
    only = run(session, ONLY_WAYS).scalars()
    if not only:
        return "open"
    return "closed" if any(_answers(issuer) for issuer in only) else "emergency"


def pass_own_door(ctx: Context, worker_id: str, stands: Door) -> bool:
    """Tell whether this worker comes in by an emergency; raises Problem when the door is not for them."""
    if stands == "open":
        return False
    if stands == "closed":
        zh, en = (
            "本单位只能通过统一登录进入，请点上方的统一登录按钮。",
            "Here one signs on with the provider above only. Use its button.",
        )
        raise Problem("own_door_closed", zh, en, field="password")
    if not is_admin(ctx.session, ctx.session.get_one(WorkerRow, worker_id), ctx.clock.now()):
        zh = "统一登录暂时不可用。应急登录只限管理员，请稍后再试或联系管理员。"
        en = "The provider is down. Emergency sign-on is for admins only: try again later, or ask your admin."
        raise Problem("admins_only", zh, en, field="password")
    return True


def _answers(issuer: str) -> bool:
    try:
        discover(issuer, fresh=True)
    except ProviderTrouble:
        return False
    return True
