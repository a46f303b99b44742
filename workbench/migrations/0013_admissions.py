"""Admissions of lines at hubs, settings of hubs, rehearsals, tasks nobody admitted, faults of lines.

A line that stands at a hub already is carried over: its admission says so, and has no end.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from workbench.store.ids import new_id
from workbench.store.types import Json, SealedJson

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CLOSED_WHY = "closed_why IN ('', 'admin', 'expired', 'withdrawn')"
CARRIED_OVER = "沿用：实行准入登记之前已开通"


def upgrade() -> None:
    with op.batch_alter_table("open_line", schema=None) as batch_op:
        batch_op.drop_column("settings")
        batch_op.add_column(sa.Column("closed_why", sa.String(), server_default="", nullable=False))
        batch_op.create_check_constraint(op.f("ck_open_line_closed_why"), CLOSED_WHY)
    op.create_table(
        "admission",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("directory", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("forms", sa.String(), nullable=False),
        sa.Column("ledgers", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_why", sa.String(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('recorded', 'carried-over', 'demonstration', 'imported')", name=op.f("ck_admission_origin")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_admission_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
    )
    op.create_index(op.f("ix_admission_hub_id_line_id_valid_to"), "admission", ["hub_id", "line_id", "valid_to"])
    op.create_table(
        "hub_setting",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("secret", SealedJson("hub_setting.secret"), nullable=True),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_hub_setting_hub_id")),
        sa.PrimaryKeyConstraint("hub_id", "owner", "key", name=op.f("pk_hub_setting")),
    )
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("line_version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'running', 'passed', 'failed', 'waived')", name=op.f("ck_rehearsal_state")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_rehearsal_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index(op.f("ix_rehearsal_hub_id_line_id_id"), "rehearsal", ["hub_id", "line_id", "id"])
    op.create_index(op.f("ix_rehearsal_state"), "rehearsal", ["state"])
    op.create_table(
        "rehearsal_step",
        sa.Column("rehearsal_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('accepted', 'taken', 'sheet', 'nothing-sent', 'not-now', 'failed')",
            name=op.f("ck_rehearsal_step_verdict"),
        ),
        sa.ForeignKeyConstraint(["rehearsal_id"], ["rehearsal.id"], name=op.f("fk_rehearsal_step_rehearsal_id")),
        sa.PrimaryKeyConstraint("rehearsal_id", "position", name=op.f("pk_rehearsal_step")),
    )
    op.create_table(
        "unadmitted_task",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'admitted', 'refused', 'advised')", name=op.f("ck_unadmitted_task_state")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_unadmitted_task_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unadmitted_task")),
    )
    op.create_index(op.f("ix_unadmitted_task_hub_id_id"), "unadmitted_task", ["hub_id", "id"])
    op.create_index(op.f("ix_unadmitted_task_state_id"), "unadmitted_task", ["state", "id"])
    op.create_table(
        "hook_fault",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("hook", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "hook", name=op.f("pk_hook_fault")),
    )
    op.create_index(op.f("ix_hook_fault_last_at"), "hook_fault", ["last_at"])
    with op.batch_alter_table("platform_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("staging", Json, server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("staging_secrets", SealedJson("platform_state.staging_secrets"), nullable=True))
    _carry_over()


def _carry_over() -> None:
    """Write an admission for every line that stands at a hub."""
    connection = op.get_bind()
    stands = connection.execute(sa.text("SELECT hub_id, line_id, opened_by FROM open_line")).all()
    admission = sa.table(
        "admission",
        *(
            sa.column(name)
            for name in (
                "id", "hub_id", "line_id", "approved_by", "directory", "forms", "ledgers", "origin", "made_by",
                "ended_by", "ended_why",
            )
        ),
        sa.column("valid_from", sa.Date()),
        sa.column("made_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    now = datetime.now(UTC)
    rows = [
        {
            "id": new_id(), "hub_id": hub_id, "line_id": line_id, "approved_by": "", "directory": CARRIED_OVER,
            "forms": "", "ledgers": "", "origin": "carried-over", "made_by": opened_by, "ended_by": "",
            "ended_why": "", "valid_from": now.date(), "made_at": now,
        }
        for hub_id, line_id, opened_by in stands
    ]  # fmt: skip
    if rows:
        op.bulk_insert(admission, rows)


def downgrade() -> None:
    with op.batch_alter_table("platform_state", schema=None) as batch_op:
        batch_op.drop_column("staging_secrets")
        batch_op.drop_column("staging")
    for table in ("hook_fault", "unadmitted_task", "rehearsal_step", "rehearsal", "hub_setting", "admission"):
        op.drop_table(table)
    with op.batch_alter_table("open_line", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_open_line_closed_why"), type_="check")
        batch_op.drop_column("closed_why")
        batch_op.add_column(sa.Column("settings", Json, server_default="{}", nullable=False))
