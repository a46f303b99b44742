"""The agenda, papers on their way between hubs, and finding what was concluded last."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_look",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_agenda_look")),
    )
    op.create_table(
        "agenda",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note_zh", sa.String(), nullable=False),
        sa.Column("note_en", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_case_id", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('stop', 'apply', 'check', 'recheck', 'automatic', 'sample')", name=op.f("ck_agenda_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'taken', 'dismissed')", name=op.f("ck_agenda_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_agenda_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda")),
        sa.UniqueConstraint("mark", name=op.f("uq_agenda_mark")),
    )
    with op.batch_alter_table("agenda", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_hub_id_state_due_on"), ["hub_id", "state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_agenda_person_id"), ["person_id"], unique=False)

    op.create_table(
        "paper_hop",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("from_hub", sa.String(), nullable=False),
        sa.Column("to_hub", sa.String(), nullable=False),
        sa.Column("hand_over_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_paper_hop_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_paper_hop")),
    )
    with op.batch_alter_table("paper_hop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_hop_from_hub_sent_at"), ["from_hub", "sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_hop_to_hub_received_at"), ["to_hub", "received_at"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_concluded_at"), ["concluded_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_concluded_at"))

    with op.batch_alter_table("paper_hop", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_hop_to_hub_received_at"))
        batch_op.drop_index(batch_op.f("ix_paper_hop_from_hub_sent_at"))

    op.drop_table("paper_hop")
    with op.batch_alter_table("agenda", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agenda_person_id"))
        batch_op.drop_index(batch_op.f("ix_agenda_hub_id_state_due_on"))

    op.drop_table("agenda")
    op.drop_table("agenda_look")
