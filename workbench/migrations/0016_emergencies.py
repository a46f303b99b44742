"""Looks in an emergency: beyond one's rights, for a short time, with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_look",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("from_hub_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["from_hub_id"], ["hub.id"], name=op.f("fk_emergency_look_from_hub_id")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_emergency_look_hub_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_emergency_look_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_look")),
    )
    with op.batch_alter_table("emergency_look", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_emergency_look_hub_id_seen_at_begun_at"), ["hub_id", "seen_at", "begun_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_emergency_look_worker_id_person_id_ends_at"),
            ["worker_id", "person_id", "ends_at"],
            unique=False,
        )


def downgrade() -> None:
    op.drop_table("emergency_look")
