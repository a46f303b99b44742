"""Absences, cover, hand-over and calls; the roster with its swaps; steps taken from the queue; saved filters."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "absence",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_name", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_gaps", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('leave', 'sick', 'training', 'closed_shift')", name=op.f("ck_absence_kind")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_absence_hub_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_absence_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_hub_id_ends_at"), ["hub_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "roster_month",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_roster_month_hub_id")),
        sa.PrimaryKeyConstraint("hub_id", "month", name=op.f("pk_roster_month")),
    )
    op.create_table(
        "roster_rule",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("two_shifts", sa.Boolean(), nullable=False),
        sa.Column("seven_days", sa.Boolean(), nullable=False),
        sa.Column("least_work", sa.Integer(), nullable=False),
        sa.Column("least_off", sa.Integer(), nullable=False),
        sa.Column("has_lunch", sa.Boolean(), nullable=False),
        sa.Column("has_extended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_roster_rule_hub_id")),
        sa.PrimaryKeyConstraint("hub_id", name=op.f("pk_roster_rule")),
    )
    op.create_table(
        "roster_shift",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('early', 'late', 'lunch', 'extended')", name=op.f("ck_roster_shift_kind")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_roster_shift_hub_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_roster_shift_worker_id")),
        sa.PrimaryKeyConstraint("hub_id", "day", "kind", "worker_id", name=op.f("pk_roster_shift")),
    )
    op.create_table(
        "roster_swap",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.Column("back_day", sa.Date(), nullable=True),
        sa.Column("back_kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'accepted', 'approved', 'declined', 'refused')", name=op.f("ck_roster_swap_state")
        ),
        sa.ForeignKeyConstraint(["from_id"], ["worker.id"], name=op.f("fk_roster_swap_from_id")),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_roster_swap_hub_id")),
        sa.ForeignKeyConstraint(["to_id"], ["worker.id"], name=op.f("fk_roster_swap_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_swap")),
    )
    with op.batch_alter_table("roster_swap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_swap_hub_id_state"), ["hub_id", "state"], unique=False)

    op.create_table(
        "saved_filter",
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_saved_filter_hub_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_saved_filter_worker_id")),
        sa.PrimaryKeyConstraint("worker_id", "hub_id", "page", "name", name=op.f("pk_saved_filter")),
    )
    op.create_table(
        "cover",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("absence_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("may_settle", sa.Boolean(), nullable=False),
        sa.Column("grants", Json, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_cover_absence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
    )
    with op.batch_alter_table("cover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cover_absence_id"), ["absence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cover_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cover_hub_id_ends_at"), ["hub_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cover_to_id_ends_at"), ["to_id", "ends_at"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("absence_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_name", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('note', 'paper')", name=op.f("ck_handover_kind")),
        sa.CheckConstraint("state IN ('given', 'received', 'missing', 'returned')", name=op.f("ck_handover_state")),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_handover_absence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_absence_id"), ["absence_id"], unique=False)

    op.create_table(
        "stand_in",
        sa.Column("absence_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_stand_in_absence_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_stand_in_worker_id")),
        sa.PrimaryKeyConstraint("absence_id", "line_id", "day", name=op.f("pk_stand_in")),
    )
    op.create_table(
        "step_taking",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("worker_name", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_step_taking_case_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_step_taking_worker_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_step_taking")),
    )
    with op.batch_alter_table("step_taking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_taking_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "cover_call",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("cover_id", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_cover_call_case_id")),
        sa.ForeignKeyConstraint(["cover_id"], ["cover.id"], name=op.f("fk_cover_call_cover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover_call")),
    )
    with op.batch_alter_table("cover_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cover_call_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cover_call_to_id_answered_at"), ["to_id", "answered_at"], unique=False)

    op.create_table(
        "cover_mark",
        sa.Column("cover_id", sa.String(), nullable=False),
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.CheckConstraint("edge IN ('start', 'end')", name=op.f("ck_cover_mark_edge")),
        sa.ForeignKeyConstraint(["cover_id"], ["cover.id"], name=op.f("fk_cover_mark_cover_id")),
        sa.PrimaryKeyConstraint("cover_id", "edge", name=op.f("pk_cover_mark")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(sa.Column("may_settle", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:

    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_column("may_settle")

    op.drop_table("cover_mark")
    with op.batch_alter_table("cover_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cover_call_to_id_answered_at"))
        batch_op.drop_index(batch_op.f("ix_cover_call_case_id"))

    op.drop_table("cover_call")
    with op.batch_alter_table("step_taking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_step_taking_worker_id"))

    op.drop_table("step_taking")
    op.drop_table("stand_in")
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_absence_id"))

    op.drop_table("handover")
    with op.batch_alter_table("cover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cover_to_id_ends_at"))
        batch_op.drop_index(batch_op.f("ix_cover_hub_id_ends_at"))
        batch_op.drop_index(batch_op.f("ix_cover_from_id"))
        batch_op.drop_index(batch_op.f("ix_cover_absence_id"))

    op.drop_table("cover")
    op.drop_table("saved_filter")
    with op.batch_alter_table("roster_swap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_swap_hub_id_state"))

    op.drop_table("roster_swap")
    op.drop_table("roster_shift")
    op.drop_table("roster_rule")
    op.drop_table("roster_month")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_worker_id"))
        batch_op.drop_index(batch_op.f("ix_absence_hub_id_ends_at"))

    op.drop_table("absence")
