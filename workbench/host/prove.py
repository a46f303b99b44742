"""Imports what ready lines name, once, when the web application starts; a line that cannot be imported is broken.

Reading files finds most of what is wrong; this finds a syntax error, a package nobody installed, a hook that does
not fit, before a worker meets it. The site starts without such a line and says why.
"""

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .call import load_hooks
from .discover import Installed, Line


def prove_lines(installed: Installed) -> Installed:
    """Give the same lines, those that cannot be imported marked broken with file and reason."""
    return replace(installed, lines=tuple(_proven(line) for line in installed.lines))


def break_line(installed: Installed, line_id: str, reason: str) -> Installed:
    """Give the same lines, one of them broken."""
    lines = (replace(one, state="broken", reason=reason) if one.id == line_id else one for one in installed.lines)
    return replace(installed, lines=tuple(lines))


def _proven(line: Line) -> Line:
    if line.state != "ready" or line.manifest is None:
        return line
    asked: list[tuple[str, Callable[[], Any]]] = []
    if line.manifest.hooks:
        asked.append((line.manifest.hooks, lambda: load_hooks(line)))
    if line.manifest.blueprint:
        module, _, name = line.manifest.blueprint.partition(":")
        asked.append((line.manifest.blueprint, lambda: getattr(importlib.import_module(module), name)))
    for reference, ask in asked:
        try:
            ask()
        # SystemExit too: a line must never end the server.
        except (Exception, SystemExit) as error:
            return replace(line, state="broken", reason=_say(error, reference))
    return line


def _say(error: BaseException, reference: str) -> str:
    """Say file and reason; these are faults of programs, which hold nobody's data."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or reference).name}, line {error.lineno}: {error.msg}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{reference}: the package {error.name} is not installed"
    return f"{reference}: {type(error).__name__}: {str(error)[:200]}"
