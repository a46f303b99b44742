"""Says at the end of a run what could not be tried on this machine, and why.

A test that needs what a machine may lack skips with a reason that starts with "could not try: ".
With REFUSE_SKIPS=1 in the environment any skip fails the run.
"""

import os

import pytest

SKIPPED = "Skipped: "
MARK = "could not try: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line per thing that could not be tried."""
    for reason in _reasons(terminalreporter):
        terminalreporter.write_line(reason if reason.startswith(MARK) else f"{MARK}{reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that may skip nothing and did."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter and _may_skip_nothing() and _reasons(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _may_skip_nothing() -> bool:
    return os.environ.get("REFUSE_SKIPS") == "1"


def _reasons(reporter: pytest.TerminalReporter) -> list[str]:
    found = (_reason(report.longrepr) for report in reporter.stats.get("skipped", ()))
    return sorted(set(found))


def _reason(longrepr: object) -> str:
    text = str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix(SKIPPED)
