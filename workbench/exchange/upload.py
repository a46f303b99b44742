"""An import from its upload to its end, as a worker asks for it; the work itself is done in parts by `work`."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from ..identity.audit import record
from ..people.facts import RANKS
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from .models import ImportRow
from .read_table import read_table
from .targets import ID_NO, NAME, NO_ID, NUMBER, RELATION, guess_columns, targets

MOST_SHOWN = 50
#: What is under way; a second click changes nothing.
MOVING = frozenset({"checking", "writing", "undoing"})


def upload(ctx: Context, file_name: str, content: bytes, *, key: str = "") -> ImportRow:
    """Take a file in and guess its columns; the same `key` again gives the one that stands. Raises Problem."""
    if done := ctx.session.get(ImportRow, key) if key else None:
        return done
    table = read_table(content, file_name)
    row = ImportRow(
        id=key or new_id(), hub_id=ctx.hub.id, file_name=file_name[-120:], digest=ctx.files.put(content),
        header={"names": list(table.names)}, columns=guess_columns(table.names), total=len(table.rows),
        terms={}, counts={}, made_at=ctx.clock.now(), made_by=ctx.actor.id,
    )  # fmt: skip
    ctx.session.add(row)
    record(ctx, "import.upload", subject=f"import:{row.id}", purpose="import", detail={"rows": row.total})
    ctx.session.flush()
    return row


def check(ctx: Context, import_id: str, columns: Mapping[str, str], terms: Mapping[str, Any]) -> ImportRow:
    """Say what each column is and where the file comes from, and begin the dry run; raises Problems."""
    row = get_import(ctx, import_id, lock=True)
    if row.state not in ("uploaded", "checked"):
        return row
    chosen = {place: key for place, key in columns.items() if key}
    problems = _wrong_columns(chosen) + _wrong_terms(terms)
    if problems:
        raise Problems(problems)
    row.columns, row.terms = chosen, dict(terms)
    _begin(ctx, row, "checking")
    return row


def start(ctx: Context, import_id: str) -> ImportRow:
    """Let a checked file be written; rows that are refused or in doubt are left out."""
    row = get_import(ctx, import_id, lock=True)
    if row.state == "checked":
        _begin(ctx, row, "writing")
    return row


def undo_import(ctx: Context, import_id: str, reason: str) -> ImportRow:
    """Take an import back as a whole, with a reason; raises Problem."""
    row = get_import(ctx, import_id, lock=True)
    if row.state != "done":
        return row
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明撤销的理由。", "Say why it is taken back.", "reason")
    row.undo_reason, row.undone_by = reason.strip()[:200], ctx.actor.id
    _begin(ctx, row, "undoing")
    return row


def _begin(ctx: Context, row: ImportRow, state: str) -> None:
    row.state, row.at_row, row.trouble = state, 0, ""
    if state != "undoing":
        row.counts = {}
    ctx.session.add(row)
    record(
        ctx, f"import.{state}", subject=f"import:{row.id}", purpose=row.undo_reason or str(row.terms.get("reason", ""))
    )


def get_import(ctx: Context, import_id: str, *, lock: bool = False) -> ImportRow:
    """Give an import of this hub; raises Problem."""
    row = ctx.session.get(ImportRow, import_id[:26], with_for_update=lock or None)
    if row is None or row.hub_id != ctx.hub.id:
        raise Problem(
            "no_such_import", "没有这次导入。请刷新后重试。", "There is no such import. Reload and try again."
        )
    return row


def imports_of(ctx: Context) -> list[ImportRow]:
    """Give the imports of the hub, the newest first. One query."""
    query = select(ImportRow).where(ImportRow.hub_id == ctx.hub.id).order_by(col(ImportRow.made_at).desc())
    return list(ctx.session.exec(query.limit(MOST_SHOWN)))


def _wrong_columns(chosen: Mapping[str, str]) -> list[Problem]:
    found, keys = [], list(chosen.values())
    for place, key in chosen.items():
        if key not in targets():
            found.append(Problem("no_target", "请从列表中选择。", "Choose one from the list.", f"column-{place}"))
        elif keys.count(key) > 1:
            zh, en = "两列不能是同一项。", "Two columns cannot be the same."
            found.append(Problem("twice", zh, en, f"column-{place}"))
    if NAME not in keys:
        found.append(Problem("no_name", "请指明哪一列是姓名。", "Say which column is the name.", "columns"))
    if ID_NO not in keys and NO_ID not in keys:
        zh = "请指明哪一列是证件号码；没有的，指明哪一列是没有号码的原因。"
        found.append(Problem("no_id", zh, "Say which column is the ID number, or why there is none.", "columns"))
    if (NUMBER in keys) != (RELATION in keys):
        zh, en = "户号和与户主关系要一起指明。", "The household number and the relation to the head go together."
        found.append(Problem("half_household", zh, en, "columns"))
    return found


def _wrong_terms(terms: Mapping[str, Any]) -> list[Problem]:
    found = []
    if terms.get("rank") not in RANKS:
        found.append(Problem("rank", "请选择来源的性质。", "Choose what kind of source it is.", "rank"))
    if len(str(terms.get("source", "")).strip()) < 2:
        zh, en = "请写明来源，如部门和台账名称。", "Name the source: the department and its register."
        found.append(Problem("source", zh, en, "source"))
    if len(str(terms.get("reason", "")).strip()) < 2:
        found.append(Problem("reason_missing", "请写明导入的用途。", "Say what the import is for.", "reason"))
    return found
