"""The lines of the workbench keep what every line promises."""

from pathlib import Path

import pytest

from workbench.testing import LineContract

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.mark.xdist_group("CivilAffairs")
class TestCivilAffairs(LineContract):
    folder = PLUGINS / "civil_affairs"


@pytest.mark.xdist_group("SocialSecurity")
class TestSocialSecurity(LineContract):
    folder = PLUGINS / "social_security"


@pytest.mark.xdist_group("FamilyPlanning")
class TestFamilyPlanning(LineContract):
    folder = PLUGINS / "family_planning"


@pytest.mark.xdist_group("DisabilityFederation")
class TestDisabilityFederation(LineContract):
    folder = PLUGINS / "disability_federation"
