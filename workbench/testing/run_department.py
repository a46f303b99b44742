"""Runs pretend departments in this process: `python -m workbench.testing.run_department MODULE PLATFORM FOLDER`.

`--declared FILES PLATFORM FOLDER …` runs any number of declared ones side by side, each a thread.
With `--with-parent` it ends when its standard input closes, that is when the process that
started it ends, however that happens.
"""

import importlib
import os
import sys
import threading
from pathlib import Path

from .department import DepartmentHome


def main(arguments: list[str]) -> int:
    """Serve until the process is ended."""
    if "--with-parent" in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    named = [argument for argument in arguments if not argument.startswith("--")]
    try:
        if "--declared" in arguments:
            _serve_declared(named)
        else:
            module, platform, folder = named
            importlib.import_module(module).serve(DepartmentHome(Path(folder), platform))
    except KeyboardInterrupt:
        return 0
    return 0


def _serve_declared(named: list[str]) -> None:
    from .declared import serve  # programs of their own need nothing of it

    threads = []
    for files, platform, folder in zip(named[::3], named[1::3], named[2::3], strict=True):
        home = DepartmentHome(Path(folder), platform)
        threads.append(threading.Thread(target=serve, args=(home, Path(files)), name=platform, daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock would be held while the interpreter ends.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
