"""A pretend department of one's own for a while: a separate program with a folder that is thrown away afterwards.

What it takes is entered in its own books and nowhere else; the department everybody uses never hears of it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ..host.discover import Platform

STARTS_WITHIN, ENDS_WITHIN = 180.0, 20.0
#: Run by name: it is above everything here.
PROGRAM = "workbench.testing.run_department"
DECIDES_AFTER = "WORKBENCH_DEPARTMENT_DECIDES_AFTER"


class NoDepartment(LookupError):
    """There is no pretend department for a platform, or it does not listen; the text says which."""


class Pretend:
    """A pretend department in a process of its own, which decides at once."""

    def __init__(self, platform: Platform) -> None:
        manifest = platform.manifest
        if manifest is None or not (manifest.sandbox or manifest.declared):
            raise NoDepartment(f"{platform.id} has no pretend department")
        self.id = platform.id
        self.folder = Path(tempfile.mkdtemp(prefix="workbench-department-"))
        command = [sys.executable, "-m", PROGRAM, "--with-parent"]
        command += [manifest.sandbox] if manifest.sandbox else ["--declared", str(platform.folder)]
        command += [platform.id, str(self.folder)]
        environment = os.environ | {
            DECIDES_AFTER: "0",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)  # noqa: S603 - our own program

    def wait(self) -> dict[str, Any]:
        """Wait until it listens; gives what reaches it."""
        address, until = self.folder / "address.json", time.monotonic() + STARTS_WITHIN
        while not address.exists():
            if self.process.poll() is not None:
                raise NoDepartment(f"the pretend department of {self.id} ends before it listens")
            if time.monotonic() > until:
                raise NoDepartment(f"the pretend department of {self.id} does not listen")
            time.sleep(0.05)
        return dict(json.loads(address.read_text("utf-8"))["settings"])

    def stop(self) -> None:
        """End it and throw its folder away."""
        self.process.terminate()
        try:
            self.process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(ENDS_WITHIN)
        if self.process.stdin:
            self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)
