"""Versions of lines that are kept and in use, and trials of others before they are switched."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_version",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("package", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("archive", sa.String(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "digest", name=op.f("pk_line_version")),
    )
    op.create_table(
        "line_trial",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("from_version", sa.String(), nullable=False),
        sa.Column("to_version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("switched", sa.Boolean(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("tried_by", sa.String(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_trial")),
    )
    op.create_index(op.f("ix_line_trial_line_id_id"), "line_trial", ["line_id", "id"])


def downgrade() -> None:
    op.drop_table("line_trial")
    op.drop_table("line_version")
