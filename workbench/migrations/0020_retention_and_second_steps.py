"""Terms of retention: what is due, held and erased. Whose account needs a second step; passwords that end."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("released_name", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", Json, nullable=False),
        sa.Column("proofs", Json, nullable=False),
        sa.Column("untold", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('case', 'person')", name=op.f("ck_erasure_kind")),
        sa.CheckConstraint("state IN ('due', 'released', 'erased')", name=op.f("ck_erasure_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("mark", name=op.f("uq_erasure_mark")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_erasure_hub_id_state_due_on_id"), ["hub_id", "state", "due_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_erasure_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasure_state"), ["state"], unique=False)

    op.create_table(
        "retention_hold",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.Column("lifted_name", sa.String(), nullable=False),
        sa.Column("lift_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_retention_hold_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_hold")),
    )
    with op.batch_alter_table("retention_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retention_hold_hub_id_lifted_at"), ["hub_id", "lifted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_retention_hold_person_id"), ["person_id"], unique=False)

    op.create_table(
        "erased_file",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erased_file")),
    )
    op.add_column("cases", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("erased_under", sa.String(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("worker", sa.Column("spares_second_step", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("worker", sa.Column("password_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE worker SET spares_second_step = true")  # accounts from before: an admin decides about them
    op.add_column("payload", sa.Column("replaces", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("worker", "password_ends_at")
    op.drop_column("worker", "spares_second_step")
    op.drop_column("payload", "replaces")
    op.drop_column("person", "erased_at")
    op.drop_column("cases", "erased_under")
    op.drop_column("cases", "erased_at")
    op.drop_table("erased_file")
    op.drop_table("retention_hold")
    op.drop_table("erasure")
