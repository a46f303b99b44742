"""The job that signs the trail: once a day, soon after midnight, late rather than not at all.

It looks every ten minutes whether yesterday is signed. The signature and its anchors are one transaction and a day can
be signed once only, so a process killed anywhere leaves a whole checkpoint or none.
"""

import os
from pathlib import Path

from ..identity.checkpoints import sign_day, write_lines
from ..store.context import SYSTEM, Context
from ..web.acting import NOWHERE
from .recurring import RecurringJob
from .workshop import Workshop

EVERY = 600.0


def sign_trail(workshop: Workshop) -> None:
    """Sign the day that ended, and put a copy of the checkpoint where the installation says it should be kept."""
    with workshop.store.write() as session:
        ctx = Context(session, SYSTEM, NOWHERE, workshop.clock, workshop.keys, workshop.files, "worker")
        sign_day(ctx)
    if folder := workshop.settings.checkpoints_folder:
        keep_copies(workshop, folder)


def keep_copies(workshop: Workshop, folder: Path) -> None:
    """Write every checkpoint the folder lacks into a file of its own, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = max((int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()), default=0)
    with workshop.store.read() as session:
        for number, line in write_lines(session, workshop.keys, kept + 1):
            partial = folder / f".{number:06d}.{os.getpid()}"
            partial.write_text(line + "\n", "utf-8")
            partial.replace(folder / f"{number:06d}.json")


JOB = RecurringJob("sign-trail", sign_trail, "audit", every_seconds=EVERY)
