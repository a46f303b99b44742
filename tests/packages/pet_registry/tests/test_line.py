"""The line keeps the promises every line gives; tests of what is special about it come below."""

from pathlib import Path

from workbench.testing import LineContract


class TestLine(LineContract):
    folder = Path(__file__).parents[1] / "pet_registry"
