"""Numbers of the hall, appointments, and ratings of visits."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hall_day",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hub_id", "day", "channel", name=op.f("pk_hall_day")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("turn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("for_worker", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('ordinary', 'express', 'green', 'appointment')", name=op.f("ck_ticket_channel")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'called', 'serving', 'done', 'missed', 'left')", name=op.f("ck_ticket_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_hub_id_day_number"), ["hub_id", "day", "number"], unique=True)
        columns = ["hub_id", "day", "state", "turn_at"]
        batch_op.create_index(batch_op.f("ix_ticket_hub_id_day_state_turn_at"), columns, unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('booked', 'arrived', 'cancelled')", name=op.f("ck_appointment_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appointment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_hub_id_day_slot"), ["hub_id", "day", "slot"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_person_id"), ["person_id"], unique=False)

    op.create_table(
        "visit_rating",
        sa.Column("reception_id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("worst", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_name", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('QR', 'PAD')", name=op.f("ck_visit_rating_channel")),
        sa.CheckConstraint("state IN ('good', 'open', 'settled')", name=op.f("ck_visit_rating_state")),
        sa.PrimaryKeyConstraint("reception_id", name=op.f("pk_visit_rating")),
    )
    with op.batch_alter_table("visit_rating", schema=None) as batch_op:
        columns = ["hub_id", "state", "due_on"]
        batch_op.create_index(batch_op.f("ix_visit_rating_hub_id_state_due_on"), columns, unique=False)
        batch_op.create_index(batch_op.f("ix_visit_rating_hub_id_at"), ["hub_id", "at"], unique=False)

    op.create_table(
        "matter_rating",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("reception_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_matter_rating_case_id")),
        sa.ForeignKeyConstraint(
            ["reception_id"], ["visit_rating.reception_id"], name=op.f("fk_matter_rating_reception_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_matter_rating")),
    )
    with op.batch_alter_table("matter_rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matter_rating_reception_id"), ["reception_id"], unique=False)


def downgrade() -> None:
    op.drop_table("matter_rating")
    op.drop_table("visit_rating")
    op.drop_table("appointment")
    op.drop_table("ticket")
    op.drop_table("hall_day")
