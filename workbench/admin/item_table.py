"""Items out and in as tables with the national column names: a look first, then drafts that somebody else publishes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlmodel import col, select

from ..catalogue.correct import open_correction, save_correction
from ..catalogue.item_words import plain
from ..catalogue.items import Catalogue, Item
from ..catalogue.models import ItemEditionRow, ItemTableRow
from ..catalogue.national import Batch, columns, read_row, write_row
from ..exchange.read_table import read_table
from ..exchange.report import write_sheets
from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from ..web.language import _, bilingual
from ..web.plain_csv import write_csv
from .item_check import find_problems
from .item_notes import notes

MOST_ROWS = 2_000
#: How many tables are listed.
SHOWN = 30
RowState = Literal["changed", "same", "drafted", "refused"]


@dataclass
class RowLook:
    """How one row of a table stands: what it would change, and everything wrong with it, by column."""

    number: int
    code: str
    item: Item | None = None
    state: RowState = "same"
    changes: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)


@dataclass
class TableLook:
    """A whole table: its rows, and the columns of which nothing is kept though something stands in them."""

    rows: list[RowLook]
    left_out: dict[str, int]

    @property
    def counts(self) -> dict[str, int]:
        """Count the rows by how they stand."""
        return dict(Counter(row.state for row in self.rows))


def write_items(ctx: Context, items: Iterable[Item], kind: str) -> bytes:
    """Give the items as a table with the national columns; who took it stands in the trail."""
    batch = Batch(ctx.hub.division, new_id(), ctx.clock.now())
    rows = [list(write_row(item, batch).values()) for item in items]
    record(ctx, "item.export", subject=f"hub:{ctx.hub.id}", detail={"rows": len(rows), "kind": kind})
    head = list(columns())
    if kind == "csv":
        return write_csv(head, rows)
    about = (_("About the columns"), (_("Column"), _("Name"), _("What stands in it")), notes())
    return write_sheets([(_("Items"), head, rows), about])


def take_in(ctx: Context, file_name: str, content: bytes, *, key: str = "") -> ItemTableRow:
    """Keep a table that was sent in; the same `key` again gives the one that stands. Raises Problem."""
    if known := ctx.session.get(ItemTableRow, key) if key else None:
        return known
    _read(content, file_name)
    row = ItemTableRow(
        id=key or new_id(), hub_id=ctx.hub.id, division=ctx.hub.division, file_name=file_name[-120:],
        digest=ctx.files.put(content), made_by=ctx.actor.id, made_at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    record(ctx, "item.table", subject=f"item_table:{row.id}")
    return row


def get_table(ctx: Context, table_id: str, *, lock: bool = False) -> ItemTableRow | None:
    """Give a table that was sent in at this hub."""
    row = ctx.session.get(ItemTableRow, table_id[:26], with_for_update=lock or None)
    return row if row is not None and row.hub_id == ctx.hub.id else None


def list_tables(ctx: Context) -> list[ItemTableRow]:
    """List what was sent in at this hub, the newest first."""
    query = select(ItemTableRow).where(ItemTableRow.hub_id == ctx.hub.id)
    return list(ctx.session.exec(query.order_by(col(ItemTableRow.made_at).desc()).limit(SHOWN)))


def look(ctx: Context, known: Catalogue, table: ItemTableRow) -> TableLook:
    """Say how every row stands against what is in force now; nothing is written."""
    numbered, left_out = _read(ctx.files.get(table.digest), table.file_name)
    open_drafts = select(ItemEditionRow).where(
        ItemEditionRow.state == "draft", ItemEditionRow.division == table.division
    )
    drafts = {draft.code: draft for draft in ctx.session.exec(open_drafts)}
    rows, seen = [], set[str]()
    for number, row in numbered:
        one = _look_at(ctx, known, number, row)
        if one.item is not None and one.code in seen:
            one.problems = {"local_catalog_code": _twice()}
        seen.add(one.code)
        rows.append(_stand(one, drafts.get(one.code)))
    return TableLook(rows, left_out)


def make_drafts(ctx: Context, known: Catalogue, table: ItemTableRow, reason: str) -> int:
    """Make a draft of every row that changes something, once; gives how many. Raises Problem without a reason."""
    if table.state == "drafted":
        return 0
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明修订依据。", "State the reason of the correction.", field="reason")
    seen = look(ctx, known, table)
    for row in seen.rows:
        if row.state == "changed" and row.item is not None:
            draft = open_correction(ctx, row.item, table.division)
            save_correction(ctx, draft, row.changes, reason=reason.strip()[:500], seen_version=draft.version)
    table.state, table.reason, table.counts = "drafted", reason.strip()[:500], seen.counts
    table.drafted_by, table.drafted_at = ctx.actor.id, ctx.clock.now()
    record(ctx, "item.table_drafts", subject=f"item_table:{table.id}", detail=seen.counts)
    return seen.counts.get("changed", 0)


def _read(content: bytes, file_name: str) -> tuple[list[tuple[int, dict[str, str]]], dict[str, int]]:
    """Read a file into rows by national column, each with its number; and what no column of ours keeps."""
    table = read_table(content, file_name)
    by_label = {column.label: name for name, column in columns().items()}
    names = [name if name in columns() else by_label.get(name, "") for name in table.names]
    if not {"local_catalog_code", "task_code", "catalog_code"} & set(names):
        zh = "首行须为国家字段名，且至少有 local_catalog_code（地方基本编码）。可先导出一份照着填。"
        en = "The first row names the national columns, local_catalog_code at least. Export a table to start from."
        raise Problem("no_columns", zh, en, "file")
    if twice := next((name for name in names if name and names.count(name) > 1), ""):
        raise Problem("twice", f"列 {twice} 出现了两次。", f"The column {twice} stands there twice.", "file")
    if len(table.rows) > MOST_ROWS:
        zh, en = f"一次最多{MOST_ROWS}行，请分成几个文件。", f"At most {MOST_ROWS} rows at a time: split the file."
        raise Problem("too_many", zh, en, "file")
    left_out: Counter[str] = Counter()
    rows = []
    for number, cells in enumerate(table.rows, start=table.first):
        row = {}
        for name, heading, cell in zip(names, table.names, cells, strict=True):
            if name and columns()[name].is_kept:
                row[name] = cell.text
            elif cell.text:
                left_out[name or heading] += 1
        rows.append((number, row))
    return rows, dict(left_out)


def _look_at(ctx: Context, known: Catalogue, number: int, row: Mapping[str, str]) -> RowLook:
    item = _find(ctx, known, row)
    if item is None:
        column = "local_catalog_code" if row.get("local_catalog_code") else "task_code"
        zh = "本系统没有这个编码的事项。新事项由部门随条线文件提供，不能用表格新建。"
        en = "No item here has this code. New items come with a line's files; a table cannot make them."
        return RowLook(number, row.get("local_catalog_code", ""), problems={column: Problem("unknown", zh, en, column)})
    changes, problems = read_row(item, row, ctx.hub.division)
    return RowLook(number, item.code, item, changes=changes, problems=problems)


def _find(ctx: Context, known: Catalogue, row: Mapping[str, str]) -> Item | None:
    """Give the item a row is about: by our code, or else by one of the national codes where only one item has it."""
    today = ctx.clock.today()
    if code := row.get("local_catalog_code", "").strip():
        return known.find(code, ctx.hub.division, today)
    for column, part in (("task_code", "implementation_code"), ("catalog_code", "base_code")):
        if wanted := row.get(column, "").strip():
            codes = {item.code for item in known.items if plain(item.manifest, part) == wanted}
            if len(codes) == 1:
                return known.find(codes.pop(), ctx.hub.division, today)
    return None


def _twice() -> Problem:
    zh, en = "同一事项在表中出现了两次，请只留一行。", "The item stands in the table twice: keep one row."
    return Problem("twice", zh, en, "local_catalog_code")


def _stand(one: RowLook, draft: ItemEditionRow | None) -> RowLook:
    """Judge a row: an open draft is never written over, and what could not be published is refused here."""
    if not one.problems and one.changes and one.item is not None:
        content = one.item.manifest.model_dump(mode="json") | one.changes
        by_part = {column.ours: name for name, column in columns().items() if column.ours}
        one.problems = {by_part.get(part, ""): problem for part, problem in find_problems(content).items()}
    if one.problems:
        one.state = "refused"
    elif one.changes and draft is not None:
        _beside_draft(one, draft)
    elif one.changes:
        one.state = "changed"
    return one


def _beside_draft(one: RowLook, draft: ItemEditionRow) -> None:
    if all(draft.content.get(part) == value for part, value in one.changes.items()):
        one.state = "drafted"
        return
    zh = "此事项已有未发布的修订。请先发布或放弃它，再导入此行。"
    en = "A draft of this item is open. Publish it or give it up, then send this row again."
    one.state, one.problems = "refused", {"": Problem("draft_open", zh, en)}


def column_words(name: str) -> str:
    """Name a column as people read it."""
    return f"{columns()[name].label} {name}" if name in columns() else name


def state_words() -> dict[str, str]:
    """Name how a row stands."""
    return {
        "changed": _("Becomes a draft"),
        "same": _("Nothing changes"),
        "drafted": _("Drafted already"),
        "refused": _("Cannot be taken in"),
    }


def title_of(one: RowLook) -> str:
    """Give the title of the item a row is about."""
    return bilingual(one.item.manifest.title_zh, one.item.manifest.title_en) if one.item else one.code or "—"
