"""The OpenID providers an admin set up: list them, save one, and what their forms may hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from ..hubs.models import HubRow
from ..staff.models import ROLES
from ..store.context import Context
from ..store.problems import Problem, Problems
from .audit import record
from .discovery import is_safe
from .way_in_models import LINK_RULES, ProviderRow

SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}")
CLAIM = re.compile(r"[A-Za-z0-9_:./-]{0,120}")
GRANT = re.compile(r"(?P<role>[a-z_]+)(?::(?P<line>[a-z][a-z0-9_]*))?@(?P<hub>[A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class MappedRole:
    """A role at a hub that a value of the roles claim stands for."""

    role: str
    line_id: str
    hub_id: str


def open_providers(session: Session) -> list[ProviderRow]:
    """List the providers workers may sign on with."""
    return [row for row in all_providers(session) if row.is_open]


def all_providers(session: Session) -> list[ProviderRow]:
    """List every provider that was set up."""
    return list(session.exec(select(ProviderRow).order_by(col(ProviderRow.created_at))))


def find_provider(session: Session, provider_id: str) -> ProviderRow | None:
    """Find an open provider."""
    row = session.get(ProviderRow, provider_id[:32])
    return row if row and row.is_open else None


def mapped(text: str) -> MappedRole | None:
    """Read "role@hub" or "role:line@hub"."""
    found = GRANT.fullmatch(text.strip())
    return MappedRole(found["role"], found["line"] or "", found["hub"]) if found else None


def save_provider(ctx: Context, provider_id: str, form: Mapping[str, str]) -> ProviderRow:
    """Save a provider as typed; a secret left blank keeps the old one. Raises Problems beside their fields."""
    row = ctx.session.get(ProviderRow, provider_id) if provider_id else None
    values = {key: form.get(key, "").strip() for key in _TEXTS}
    problems = list(_problems(ctx, row, values))
    role_map = _read_map(ctx.session, form.get("role_map", ""), problems)
    if problems:
        raise Problems(problems)
    if row is None:
        needed: dict[str, Any] = {key: values[key] for key in _NEEDED}
        row = ProviderRow(id=values["id"], created_at=ctx.clock.now(), **needed)
        ctx.session.add(row)
    for key in _TEXTS[1:]:
        if key != "client_secret" or values[key]:
            setattr(row, key, values[key])
    row.role_map = role_map
    row.is_only_way, row.is_open = form.get("is_only_way") == "true", form.get("is_open") == "true"
    ctx.session.flush()
    record(ctx, "provider.save", subject=f"provider:{row.id}", detail={"rule": row.link_rule, "open": row.is_open})
    return row


_NEEDED = ("name_zh", "name_en", "issuer", "client_id")
_TEXTS = (
    "id", *_NEEDED, "client_secret", "scopes", "link_rule", "username_claim", "name_claim", "roles_claim",
)  # fmt: skip


def _problems(ctx: Context, row: ProviderRow | None, values: Mapping[str, str]) -> Iterator[Problem]:
    if row is None and not SLUG.fullmatch(values["id"]):
        zh, en = (
            "请用 2 至 31 位小写字母、数字或横线，以字母开头。",
            "Use 2 to 31 small letters, digits or dashes, starting with a letter.",
        )
        yield Problem("id_wrong", zh, en, field="id")
    elif row is None and ctx.session.get(ProviderRow, values["id"]) is not None:
        yield Problem("id_taken", "该代号已被使用，请换一个。", "This short name is taken. Choose another.", field="id")
    for key in ("name_zh", "name_en", "client_id"):
        if not values[key]:
            yield Problem("missing", "请填写。", "Enter a value.", field=key)
    if not is_safe(values["issuer"]):
        zh = "请填写提供方的签发地址，例如 https://login.example，须为 https。"
        en = "Enter the provider's issuer, such as https://login.example. It must be https."
        yield Problem("issuer_wrong", zh, en, field="issuer")
    if "openid" not in values["scopes"].split():
        yield Problem("scopes_wrong", "须包含 openid。", "openid must be among them.", field="scopes")
    if values["link_rule"] not in LINK_RULES:
        yield Problem(
            "rule_missing", "请选择首次登录时的处理。", "Choose what a first sign-on does.", field="link_rule"
        )
    for key in ("username_claim", "name_claim", "roles_claim"):
        if not CLAIM.fullmatch(values[key]):
            yield Problem("claim_wrong", "请填写声明的名称。", "Enter the name of a claim.", field=key)


def _read_map(session: Session, text: str, problems: list[Problem]) -> dict[str, str]:
    """Read lines "value = role@hub"."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        value, _sep, right = (part.strip() for part in line.rpartition("="))
        grant = mapped(right)
        if not value or grant is None or grant.role not in ROLES or session.get(HubRow, grant.hub_id) is None:
            zh = f"“{line[:80]}”无法识别。请写成：对方的角色值 = 岗位@站点代号。"
            en = f"“{line[:80]}” cannot be read. Write: their value = role@hub."
            problems.append(Problem("map_wrong", zh, en, field="role_map"))
            break
        found[value] = right
    return found
