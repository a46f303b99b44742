"""Clocks of cases: extensions, urgings, suspensions that end by themselves, imported notices; the policy post."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SUSPENDED = ("correction", "special_procedure"), ("assessment", "reopened")
ROLES = ("worker", "reviewer", "approver", "hub_admin"), ("policy",)


def _words(table: str, column: str, words: tuple[str, ...]) -> None:
    """Say anew which words a column may hold."""
    name = op.f(f"ck_{table}_{column}")
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"{column} IN ({', '.join(repr(word) for word in words)})")


def upgrade() -> None:
    op.create_table(
        "calendar_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("holidays", sa.Integer(), nullable=False),
        sa.Column("makeup_days", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_to", sa.String(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_notice")),
    )
    with op.batch_alter_table("calendar_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_notice_done_at"), ["done_at"], unique=False)

    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_name", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_name", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'approved', 'refused')", name=op.f("ck_extension_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_extension_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extension_case_id"), ["case_id"], unique=False)

    op.create_table(
        "urging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('urge', 'supervise')", name=op.f("ck_urging_kind")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_urging_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urging")),
    )
    with op.batch_alter_table("urging", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_urging_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_urging_hub_id_answered_at"), ["hub_id", "answered_at"], unique=False)

    with op.batch_alter_table("case_step", schema=None) as batch_op:
        batch_op.add_column(sa.Column("found", Json, nullable=True))

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("step_line", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("home_hub_id", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("limit_days", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_cases_home_hub_id_state_due_on"), ["home_hub_id", "state", "due_on"], unique=False
        )

    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reply_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("by_name", sa.String(), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_suspension_until"), ["until"], unique=False)

    _words("suspension", "kind", SUSPENDED[0] + SUSPENDED[1])
    _words("role_grant", "role", ROLES[0] + ROLES[1])


def downgrade() -> None:
    op.execute("UPDATE suspension SET kind = 'special_procedure' WHERE kind IN ('assessment', 'reopened')")
    op.execute("DELETE FROM role_grant WHERE role = 'policy'")
    _words("suspension", "kind", SUSPENDED[0])
    _words("role_grant", "role", ROLES[0])
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suspension_until"))
        batch_op.drop_column("by_name")
        batch_op.drop_column("reply_by")
        batch_op.drop_column("until")

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_home_hub_id_state_due_on"))
        batch_op.drop_column("limit_days")
        batch_op.drop_column("home_hub_id")
        batch_op.drop_column("step_line")

    with op.batch_alter_table("case_step", schema=None) as batch_op:
        batch_op.drop_column("found")

    with op.batch_alter_table("urging", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_urging_hub_id_answered_at"))
        batch_op.drop_index(batch_op.f("ix_urging_case_id"))

    op.drop_table("urging")
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extension_case_id"))

    op.drop_table("extension")
    with op.batch_alter_table("calendar_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_notice_done_at"))

    op.drop_table("calendar_notice")
