"""The register is measured on the right rows: both sides find the same, whatever the machine does meanwhile."""

from workbench.bench.registry import run_registry
from workbench.people.sensitivity import set_sensitivity


def test_small_register_is_measured_and_compared() -> None:
    try:
        result = run_registry(400)
    finally:
        set_sensitivity(None)
    assert [row["search"] for row in result.searches] == [
        "full name",
        "two characters",
        "initials",
        "ID number",
        "phone",
    ]
    assert len({row["queries"] for row in result.bundle}) == 1
    found = {row["item"]: row["found"] for row in result.sweeps}
    assert set(found) == {"MZ-004", "RS-008", "MZ-005"}
    assert 0 < found["MZ-005"] < found["MZ-004"]
    assert result.bytes_each > 0
