"""What every adapter promises, as a test class: name the folder of the platform, inherit the tests.

class TestHousing(AdapterContract):
    folder = Path(__file__).parents[1] / "my_package" / "platforms" / "housing"

`values` are what the platform cannot do without, beyond a synthetic resident; a recorded sample is taken first.
With `pytest --staging FILE` the same promises are asked of the team's own staging system; its faults cannot be
switched, so those promises are left out there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from .adapter_fault_promises import FAULT_PROMISES
from .adapter_promises import LIFE_PROMISES
from .adapter_under_test import AdapterUnderTest
from .promises import Promise

ADAPTER_PROMISES: Mapping[str, Promise] = {**LIFE_PROMISES, **FAULT_PROMISES}


class AdapterContract:
    """The promises of an adapter; `folder` is the one with platform.toml."""

    folder: ClassVar[Path]
    item: ClassVar[str] = "XX-001"
    values: ClassVar[Mapping[str, object]] = {}

    @pytest.mark.parametrize("promise", ADAPTER_PROMISES)
    def test_adapter_keeps(self, promise: str, adapter_under_test: AdapterUnderTest) -> None:
        """Ask one promise."""
        if promise in FAULT_PROMISES and adapter_under_test.at_staging:
            pytest.skip("a staging system has no fault switches")
        ADAPTER_PROMISES[promise](adapter_under_test)
