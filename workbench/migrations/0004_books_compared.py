"""comparisons with departments' books, differences, held after a restore."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outcome") as batch:
        batch.add_column(sa.Column("settled_by", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("platform_state") as batch:
        batch.add_column(sa.Column("paused_why", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("strays", sa.Integer(), nullable=False),
        sa.Column("restored_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_index(op.f("ix_reconciliation_platform_id_id"), "reconciliation", ["platform_id", "id"])
    op.create_table(
        "difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ours", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_how", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('not-there', 'there', 'number')", name=op.f("ck_difference_kind")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_difference_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
    )
    op.create_index(op.f("ix_difference_hub_id_settled_at_id"), "difference", ["hub_id", "settled_at", "id"])
    op.create_index(op.f("ix_difference_platform_id_settled_at"), "difference", ["platform_id", "settled_at"])


def downgrade() -> None:
    op.drop_table("difference")
    op.drop_table("reconciliation")
    with op.batch_alter_table("platform_state") as batch:
        batch.drop_column("paused_at")
        batch.drop_column("paused_why")
    with op.batch_alter_table("outcome") as batch:
        batch.drop_column("settled_by")
