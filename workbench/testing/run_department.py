"""Runs one pretend department in this process: `python -m workbench.testing.run_department MODULE PLATFORM FOLDER`.

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
    """Serve one department until the process is ended."""
    if "--with-parent" in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    module, platform, folder = [argument for argument in arguments if not argument.startswith("--")]
    home = DepartmentHome(Path(folder), platform)
    try:
        importlib.import_module(module).serve(home)
    except KeyboardInterrupt:
        return 0
    return 0


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock would be held while the interpreter ends.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
