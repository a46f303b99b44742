"""Runs one pretend department in this process: `python -m workbench.testing.run_department MODULE PLATFORM FOLDER`."""

import importlib
import sys
from pathlib import Path

from .department import DepartmentHome


def main(arguments: list[str]) -> int:
    """Serve one department until the process is ended."""
    module, platform, folder = arguments
    home = DepartmentHome(Path(folder), platform)
    try:
        importlib.import_module(module).serve(home)
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
