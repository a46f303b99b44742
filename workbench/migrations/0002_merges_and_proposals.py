"""merges of persons, settled facts, corrections as proposals."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("kept_id", sa.String(), nullable=False),
        sa.Column("gone_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moved", Json, nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.Column("undo_reason", sa.String(), nullable=False),
        sa.Column("untold", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_kept_id"), "person_merge", ["kept_id"])
    op.create_index(op.f("ix_person_merge_gone_id"), "person_merge", ["gone_id"])
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("was", sa.LargeBinary(), nullable=True),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("from_case", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settle_reason", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'taken', 'declined', 'lapsed')", name=op.f("ck_proposal_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_proposal_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_case_id_state"), "proposal", ["case_id", "state"])
    op.create_index(op.f("ix_proposal_hub_id_state"), "proposal", ["hub_id", "state"])
    op.create_index(op.f("ix_proposal_person_id"), "proposal", ["person_id"])
    # Not as a batch: that would copy the largest table there is.
    op.add_column("fact", sa.Column("settles", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("fact") as batch:
        batch.drop_column("settles")
    op.drop_table("proposal")
    op.drop_table("person_merge")
