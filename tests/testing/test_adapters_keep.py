"""The platforms of the workbench keep what every adapter promises."""

from pathlib import Path

import pytest

from workbench.testing import AdapterContract

ADAPTERS = Path(__file__).parents[2] / "adapters"


@pytest.mark.xdist_group("CaseGateway")
class TestCaseGateway(AdapterContract):
    folder = ADAPTERS / "civil_affairs" / "case_gateway"


@pytest.mark.xdist_group("MeansCheck")
class TestMeansCheck(AdapterContract):
    folder = ADAPTERS / "civil_affairs" / "means_check"


@pytest.mark.xdist_group("TwoAllowances")
class TestTwoAllowances(AdapterContract):
    folder = ADAPTERS / "civil_affairs" / "two_allowances"


@pytest.mark.xdist_group("FuelSubsidy")
class TestFuelSubsidy(AdapterContract):
    folder = ADAPTERS / "disability_federation" / "fuel_subsidy"


@pytest.mark.xdist_group("National")
class TestNational(AdapterContract):
    folder = ADAPTERS / "disability_federation" / "national"


@pytest.mark.xdist_group("BirthRegistration")
class TestBirthRegistration(AdapterContract):
    folder = ADAPTERS / "family_planning" / "birth_registration"


@pytest.mark.xdist_group("ChildAllowance")
class TestChildAllowance(AdapterContract):
    folder = ADAPTERS / "family_planning" / "child_allowance"


@pytest.mark.xdist_group("CardRegistry")
class TestCardRegistry(AdapterContract):
    folder = ADAPTERS / "social_security" / "card_registry"


@pytest.mark.xdist_group("Integrated")
class TestIntegrated(AdapterContract):
    folder = ADAPTERS / "social_security" / "integrated"
