"""Writes a newer version of an installed line: one item in two versions, one table of its own."""

import re
import shutil
from pathlib import Path

from ..host.discover import Line

#: The version of the line and of its item that is new.
NEWER, ITEM = "2099.1", "RS-003"
ENDS, BEGINS = "2026-02-28", "2026-03-01"
FIELD = """[[fields]]
key = "wanted_post"
label = "意向岗位补述"
label_en = "Post that is wished for"
type = "text"
own = "Said for this one application."

[[materials]]"""
MIGRATION = '''"""Make the table of notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("line_{line}_note", sa.Column("id", sa.String(26), primary_key=True))


def downgrade() -> None:
    op.drop_table("line_{line}_note")
'''


def write_newer(line: Line, folder: Path) -> Path:
    """Write the newer version below a folder, over what stands there; gives where it lies."""
    target = folder / line.folder.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(line.folder, target, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = target / "line.toml"
    text = manifest.read_text("utf-8").replace(f'version = "{line.version}"', f'version = "{NEWER}"')
    manifest.write_text(text.replace("[owner]", 'migrations = "migrations"\n\n[owner]'), "utf-8")
    (target / "migrations").mkdir()
    (target / "migrations" / "0001_notes.py").write_text(MIGRATION.format(line=line.id), "utf-8")
    _put_beside(target / "items" / f"{ITEM}.toml")
    return target


def _put_beside(item: Path) -> None:
    """End the item in force, and put its next version beside it."""
    text = item.read_text("utf-8")
    begins = re.compile(r"^valid_from = .*$", re.M)
    newer = begins.sub(f"valid_from = {BEGINS}", text, count=1).replace("[[materials]]", FIELD, 1)
    newer = re.sub(r'^version = ".*"$', f'version = "{NEWER}"', newer, count=1, flags=re.M)
    item.with_name(f"{item.stem}-{NEWER}.toml").write_text(newer, "utf-8")
    item.write_text(begins.sub(lambda found: f"{found.group()}\nvalid_to = {ENDS}", text, count=1), "utf-8")
