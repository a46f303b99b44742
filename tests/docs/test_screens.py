"""The documentation shows every screen that is looked at, and no picture that its page does not show."""

import re
from pathlib import Path

from screens_to_see import Cases, screens

import workbench

FOLDER = Path(workbench.__file__).parent / "docs" / "screens"


def test_every_screen_has_its_picture() -> None:
    wanted = {screen.name for screen in screens(Cases())}
    assert wanted - {path.stem for path in FOLDER.glob("*.png")} == set()


def test_every_picture_is_shown() -> None:
    shown = set(re.findall(r"\(([\w-]+)\.png\)", (FOLDER / "README.md").read_text("utf-8")))
    assert shown == {path.stem for path in FOLDER.glob("*.png")}
