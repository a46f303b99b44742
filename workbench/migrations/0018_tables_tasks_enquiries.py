"""Tables of items that were sent in; tasks that departments assign; enquiries."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_table",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('looked', 'drafted')", name=op.f("ck_item_table_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_table")),
    )
    with op.batch_alter_table("item_table", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_table_hub_id_made_at"), ["hub_id", "made_at"], unique=False)

    op.create_table(
        "assigned_task",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("their_hub", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("detail", sa.LargeBinary(), nullable=True),
        sa.Column("id_no", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_name", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('review', 'yearly_check', 'list', 'other')", name=op.f("ck_assigned_task_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'returned', 'quarantined', 'put-away')", name=op.f("ck_assigned_task_state")
        ),
        sa.CheckConstraint("reason IN ('', 'no-hub', 'line-closed')", name=op.f("ck_assigned_task_reason")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assigned_task_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assigned_task")),
        sa.UniqueConstraint("platform_id", "reference", name=op.f("uq_assigned_task_platform_id_reference")),
    )
    with op.batch_alter_table("assigned_task", schema=None) as batch_op:
        columns = ["hub_id", "state", "due_on", "id"]
        batch_op.create_index(batch_op.f("ix_assigned_task_hub_id_state_due_on_id"), columns, unique=False)
        batch_op.create_index(batch_op.f("ix_assigned_task_state_platform_id"), ["state", "platform_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assigned_task_person_id"), ["person_id"], unique=False)

    op.create_table(
        "task_cursor",
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform_id", name=op.f("pk_task_cursor")),
    )

    op.create_table(
        "enquiry",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("asked_by", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("question", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_how", sa.String(), nullable=False),
        sa.Column("passed_to", sa.String(), nullable=False),
        sa.Column("passed_how", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_name", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_name", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'passed-on')", name=op.f("ck_enquiry_state")),
        sa.CheckConstraint(
            "answered_how IN ('', 'counter', 'phone', 'message', 'paper')", name=op.f("ck_enquiry_answered_how")
        ),
        sa.CheckConstraint("passed_how IN ('', 'phone', 'paper', 'message')", name=op.f("ck_enquiry_passed_how")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enquiry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sa.UniqueConstraint("number", name=op.f("uq_enquiry_number")),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        columns = ["hub_id", "state", "due_on", "id"]
        batch_op.create_index(batch_op.f("ix_enquiry_hub_id_state_due_on_id"), columns, unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_hub_id_made_at"), ["hub_id", "made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_person_id_id"), ["person_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("enquiry")
    op.drop_table("task_cursor")
    op.drop_table("assigned_task")
    op.drop_table("item_table")
