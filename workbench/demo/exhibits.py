"""Cases that are in every demonstration, however few it has, so that each screen has something to show.

The first stand first: where fewer cases are asked for, the last are left out.
"""

from dataclasses import dataclass
from typing import Literal

#: What holds a case up, or the step it stands at.
Hold = Literal[
    "", "waiting", "rekey", "outcome-unknown", "credentials", "broken-promise", "held",
    "reviewer", "approver", "rejected",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One case somebody will look for. `days` counts working days back; 1 is the last one before today."""

    hub_id: str
    worker: str
    code: str
    state: str
    days: int
    hold: Hold = ""


EXHIBITS = (
    # Fresh: the first start sends them to the pretend departments.
    Exhibit("wutong", "worker1", "RS-011", "accepted", 1, "waiting"),
    Exhibit("wutong", "worker2", "RS-007", "accepted", 1, "waiting"),
    Exhibit("wutong", "worker1", "MZ-015", "accepted", 1, "waiting"),
    # Sheets to be typed into systems without interface.
    Exhibit("wutong", "worker1", "MZ-010", "accepted", 1, "rekey"),
    Exhibit("wutong", "worker2", "MZ-011", "accepted", 1, "rekey"),
    Exhibit("wutong", "worker1", "CL-009", "accepted", 2, "rekey"),
    Exhibit("wutong", "worker2", "MZ-010", "accepted", 2, "rekey"),
    Exhibit("wutong", "worker1", "MZ-011", "accepted", 3, "rekey"),
    # In the house: at the reviewer, at the approver.
    Exhibit("wutong", "worker1", "MZ-001", "reviewing", 5, "reviewer"),
    Exhibit("wutong", "worker2", "MZ-002", "reviewing", 11, "reviewer"),
    Exhibit("wutong", "worker1", "MZ-009", "reviewing", 3, "reviewer"),
    Exhibit("wutong", "worker2", "MZ-008", "reviewing", 10, "approver"),
    Exhibit("wutong", "worker1", "MZ-001", "reviewing", 18, "approver"),
    Exhibit("wutong", "worker2", "MZ-009", "reviewing", 13, "approver"),
    # At the department: on time, half used, nearly used, late.
    Exhibit("wutong", "worker1", "MZ-006", "reviewing", 3),
    Exhibit("wutong", "worker1", "CL-001", "reviewing", 12),
    Exhibit("wutong", "worker1", "RS-016", "reviewing", 18),
    Exhibit("wutong", "worker1", "MZ-012", "reviewing", 12),
    Exhibit("wutong", "worker1", "RS-004", "correction", 4),
    Exhibit("wutong", "worker2", "CL-003", "correction", 3, "rejected"),
    Exhibit("wutong", "worker1", "MZ-003", "suspended", 6),
    Exhibit("wutong", "worker1", "WJ-004", "decided", 12),
    # Sealed off and over.
    Exhibit("wutong", "worker1", "MZ-004", "concluded", 14),
    Exhibit("wutong", "worker1", "RS-006", "delivered", 20),
    Exhibit("wutong", "worker1", "WJ-001", "archived", 40),
    Exhibit("wutong", "worker1", "MZ-005", "withdrawn", 9),
    Exhibit("wutong", "worker2", "RS-013", "returned", 15),
    Exhibit("wutong", "worker1", "MZ-007", "refused", 7),
    Exhibit("wutong", "worker2", "CL-008", "voided", 8),
    Exhibit("wutong", "worker1", "RS-003", "draft", 1),
    Exhibit("wutong", "worker2", "MZ-004", "draft", 1),
    # Trouble that needs a person, at another hub. The one about credentials goes out by itself
    # once its platform was found sick and well again: that is what the product promises.
    Exhibit("yinxing", "worker21", "CL-001", "accepted", 1, "outcome-unknown"),
    Exhibit("yinxing", "worker21", "WJ-010", "accepted", 1, "credentials"),
    Exhibit("yinxing", "worker22", "WJ-010", "accepted", 2, "broken-promise"),
    Exhibit("yinxing", "worker21", "RS-010", "accepted", 1, "held"),
    Exhibit("yinxing", "worker21", "MZ-011", "accepted", 2, "rekey"),
    Exhibit("yinxing", "worker22", "MZ-002", "reviewing", 6, "reviewer"),
    Exhibit("yinxing", "worker21", "MZ-001", "reviewing", 9, "approver"),
    Exhibit("yinxing", "worker21", "CL-002", "reviewing", 17),
    Exhibit("yinxing", "worker21", "RS-014", "reviewing", 20),
    Exhibit("yinxing", "worker22", "WJ-003", "correction", 5),
    Exhibit("yinxing", "worker21", "RS-001", "draft", 1),
    Exhibit("xiangzhang", "worker31", "MZ-010", "accepted", 2, "rekey"),
    Exhibit("xiangzhang", "worker31", "CL-013", "reviewing", 12),
)
