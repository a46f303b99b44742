"""The fifteen accounts: workers, reviewers, approvers, a policy post and admins of three hubs, with A and B posts.

All share one password: WORKBENCH_DEMO_PASSWORD, or one made once and kept in demo-accounts.txt.
"""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlmodel import Session

from ..identity.passwords import hash_password
from ..staff.models import GrantRow, PostRow, WorkerRow
from .chance import Chance
from .places import OPENED, in_order

FILE = "demo-accounts.txt"
#: username -> name and (hub, role) held; sysadmin holds none and administers the installation.
WORKERS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "worker1": ("周敏", (("wutong", "worker"),)),
    "worker2": ("吴强", (("wutong", "worker"),)),
    "reviewer1": ("郑洁", (("wutong", "reviewer"),)),
    "approver1": ("冯国华", (("wutong", "approver"),)),
    "hubadmin1": ("何丽", (("wutong", "hub_admin"),)),
    "sysadmin": ("沈峰", ()),
    "worker21": ("林静", (("yinxing", "worker"),)),
    "worker22": ("罗涛", (("yinxing", "worker"), ("xiangzhang", "worker"))),
    "reviewer21": ("高燕", (("yinxing", "reviewer"),)),
    "approver21": ("梁志明", (("yinxing", "approver"), ("xiangzhang", "approver"))),
    "hubadmin21": ("宋红", (("yinxing", "hub_admin"),)),
    "worker31": ("唐亮", (("xiangzhang", "worker"),)),
    "reviewer31": ("许芳", (("xiangzhang", "reviewer"),)),
    "hubadmin31": ("邓平", (("xiangzhang", "hub_admin"),)),
    "policy1": ("蒋文", (("wutong", "policy"),)),
}
#: hub -> who takes turns as A and B from line to line.
POSTS = {"wutong": ("worker1", "worker2"), "yinxing": ("worker21", "worker22"), "xiangzhang": ("worker31", "worker22")}


def fill_workers(session: Session, chance: Chance, line_ids: Sequence[str], password: str) -> None:
    """Write accounts, roles and posts."""
    kept = hash_password(password)
    ids = {username: chance.new_id() for username in WORKERS}
    for username, (name, _) in WORKERS.items():
        row = WorkerRow(id=ids[username], username=username, name=name, password_hash=kept, created_at=OPENED)
        row.is_system_admin, row.spares_second_step = username == "sysadmin", True
        session.add(row)
    session.flush()
    for username, (_, grants) in WORKERS.items():
        for hub_id, role in grants:
            grant = GrantRow(worker_id=ids[username], hub_id=hub_id, role=role, valid_from=OPENED, granted_by="system")
            session.add(grant)
    for hub_id, (first, second) in POSTS.items():
        for position, line_id in enumerate(in_order(line_ids)):
            a, b = (first, second) if position % 2 == 0 else (second, first)
            session.add(PostRow(hub_id=hub_id, line_id=line_id, a_worker_id=ids[a], b_worker_id=ids[b]))


def demo_password(instance: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Give the password of all demonstration accounts; makes one and keeps it, readable by the owner only."""
    if given := environment.get("WORKBENCH_DEMO_PASSWORD"):
        return given
    file = instance / FILE
    if file.exists():
        return file.read_text("utf-8").splitlines()[0].removeprefix("password: ")
    password = secrets.token_urlsafe(12)
    lines = [f"password: {password}", ""]
    for username, (name, grants) in WORKERS.items():
        roles = ", ".join(f"{hub_id} {role}" for hub_id, role in grants) or "system admin"
        lines.append(f"{username}\t{name}\t{roles}")
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")
    return password
