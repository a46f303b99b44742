"""The platforms of the workbench keep what every adapter promises."""

from pathlib import Path

from workbench.testing import AdapterContract

ADAPTERS = Path(__file__).parents[2] / "adapters"


class TestCaseGateway(AdapterContract):
    folder = ADAPTERS / "civil_affairs" / "case_gateway"


class TestMeansCheck(AdapterContract):
    folder = ADAPTERS / "civil_affairs" / "means_check"


class TestTwoAllowances(AdapterContract):
    folder = ADAPTERS / "civil_affairs" / "two_allowances"


class TestFuelSubsidy(AdapterContract):
    folder = ADAPTERS / "disability_federation" / "fuel_subsidy"


class TestNational(AdapterContract):
    folder = ADAPTERS / "disability_federation" / "national"


class TestBirthRegistration(AdapterContract):
    folder = ADAPTERS / "family_planning" / "birth_registration"


class TestChildAllowance(AdapterContract):
    folder = ADAPTERS / "family_planning" / "child_allowance"


class TestCardRegistry(AdapterContract):
    folder = ADAPTERS / "social_security" / "card_registry"


class TestIntegrated(AdapterContract):
    folder = ADAPTERS / "social_security" / "integrated"
