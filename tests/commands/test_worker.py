"""What the worker process ties together: lines are told of decisions, and their failures are kept."""

from dataclasses import replace
from typing import Any

from workbench.commands import worker
from workbench.host.call import Caller
from workbench.host.discover import Installed
from workbench.opening.faults import list_faults


def test_failure_of_a_line_that_was_told_of_a_decision_is_kept(store: Any, act: Any) -> None:
    caller = Caller()
    caller.note("line0", "case_decided", "KeyError")
    with act("worker1") as ctx:
        writing = ctx
    with store.read() as session:  # as the worker process tells: it holds nothing, and can write nothing
        writes = worker._tell_decided(caller, Installed((), ()), "line0", "a case", replace(writing, session=session))
    assert writes is not None

    with act("worker1") as ctx:
        writes(ctx)

    with act("worker1") as ctx:
        assert [(one.line_id, one.hook, one.count) for one in list_faults(ctx)] == [("line0", "case_decided", 1)]
        assert worker._tell_decided(caller, Installed((), ()), "line0", "a case", ctx) is None
