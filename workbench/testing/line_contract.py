"""What every line promises, as a test class for its package: name the folder, inherit the tests.

class TestLine(LineContract):
    folder = Path(__file__).parents[1] / "veterans_affairs"
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from .line_code_promises import CODE_PROMISES
from .line_promises import FILE_PROMISES
from .line_under_test import LineUnderTest
from .promises import Promise

LINE_PROMISES: Mapping[str, Promise] = {**FILE_PROMISES, **CODE_PROMISES}


class LineContract:
    """The promises of a line; `folder` is the one with line.toml."""

    folder: ClassVar[Path]

    @pytest.mark.parametrize("promise", LINE_PROMISES)
    def test_line_keeps(self, promise: str, line_under_test: LineUnderTest) -> None:
        """Ask one promise."""
        LINE_PROMISES[promise](line_under_test)
