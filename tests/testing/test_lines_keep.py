"""The lines of the workbench keep what every line promises."""

from pathlib import Path

from workbench.testing import LineContract

PLUGINS = Path(__file__).parents[2] / "plugins"


class TestCivilAffairs(LineContract):
    folder = PLUGINS / "civil_affairs"


class TestSocialSecurity(LineContract):
    folder = PLUGINS / "social_security"


class TestFamilyPlanning(LineContract):
    folder = PLUGINS / "family_planning"


class TestDisabilityFederation(LineContract):
    folder = PLUGINS / "disability_federation"
