"""The platform keeps the promises every platform gives, against its pretend department.

`pytest --staging FILE` asks the same of your own staging system; FILE holds a table of settings per platform:

    ["pet_registry.cases"]
    base_url = "https://staging.example/"
"""

from pathlib import Path

from workbench.testing import AdapterContract


class TestCases(AdapterContract):
    folder = Path(__file__).parents[1] / "pet_registry" / "platforms" / "cases"
    item = "CW-001"
