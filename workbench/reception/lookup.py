"""Asks the platforms what a form lacks: one call per platform and person, side by side, inside a time budget.

It runs after the page is on screen. A platform that is known to be down is not asked; one that does not
answer in time is left behind; one that holds nothing never hinders anybody. Nothing here touches the database.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..api.errors import AdapterError, NeedsCredentials, NeedsSettings
from ..api.parcels import Answer, Question
from ..host.discover import Installed, Platform

#: Seconds a whole round may take, whatever the platforms' own limits are.
BUDGET = 3.0
AT_ONCE = 8
State = Literal["answered", "nothing", "silent", "down", "unset", "unreadable"]


@dataclass(frozen=True, slots=True)
class Call:
    """One question to one platform about one person of the sitting."""

    platform: Platform
    who: str
    question: Question
    settings: Mapping[str, Any]
    #: Known to be down, and since when.
    is_down: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one call."""

    call: Call
    state: State
    answers: tuple[Answer, ...] = ()


#: Threads of all requests of this process together; a platform that hangs holds one for its own limit at most.
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")


def ask_all(installed: Installed, calls: Sequence[Call], budget: float | None = None) -> list[Heard]:
    """Ask all platforms at once and give what was heard within the budget, in the order of the calls."""
    asked: dict[int, Future[Heard]] = {
        number: _pool.submit(_ask, installed, call) for number, call in enumerate(calls) if not call.is_down
    }
    done, _late = wait(asked.values(), timeout=BUDGET if budget is None else budget)
    heard = []
    for number, call in enumerate(calls):
        future = asked.get(number)
        if future is None:
            heard.append(Heard(call, "down"))
        else:
            heard.append(future.result() if future in done else Heard(call, "silent"))
            future.cancel()
    return heard


def _ask(installed: Installed, call: Call) -> Heard:
    """Put one question; whatever goes wrong is an answer too."""
    adapter = None
    try:
        adapter = call.platform.make_adapter(call.settings, installed.transports)
        answers = adapter.lookup(call.question)
    except (NeedsSettings, NeedsCredentials):
        return Heard(call, "unset")
    except AdapterError:
        return Heard(call, "silent")
    except Exception:  # an adapter's own fault: its package is not ours
        return Heard(call, "unreadable")
    finally:
        if adapter is not None:
            with suppress(Exception):  # the answer is here already
                adapter.close()
    return Heard(call, "answered" if answers else "nothing", answers)
