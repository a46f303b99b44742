"""What every line promises, as a test class for its package: name the folder, inherit the tests.

class TestLine(LineContract):
    folder = Path(__file__).parents[1] / "veterans_affairs"
"""

from pathlib import Path
from typing import ClassVar

from ..api.manifest import LineManifest
from ..catalogue.form import form_of
from ..catalogue.items import load_catalogue
from ..checks import check_folder
from ..host.discover import Line, read_manifest


class LineContract:
    """The promises of a line; `folder` is the one with line.toml."""

    folder: ClassVar[Path]

    def test_workbench_check_finds_nothing(self) -> None:
        checked = check_folder(self.folder)
        assert checked.findings == ()

    def test_every_item_has_a_form_to_draw(self) -> None:
        catalogue = load_catalogue([self._line()])
        assert catalogue.faults == ()
        assert all(form_of(item.manifest).sections for item in catalogue.items)

    def _line(self) -> Line:
        manifest, reason = read_manifest(LineManifest, self.folder / "line.toml")
        return Line(
            self.folder.name, self.folder.name, self.folder, "ready" if manifest else "broken", reason, manifest
        )
