"""Printed documents: the register, the use of seals, templates of a hub, the last numbers given."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_number",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hub_id", "kind", "year", name=op.f("pk_document_number")),
    )
    op.create_table(
        "document_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("is_standard", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_template")),
    )
    with op.batch_alter_table("document_template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_template_hub_id_kind_id"), ["hub_id", "kind", "id"], unique=False)

    op.create_table(
        "document_print",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_document_print_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_print")),
        sa.UniqueConstraint("number", name=op.f("uq_document_print_number")),
    )
    with op.batch_alter_table("document_print", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_print_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_print_hub_id_id"), ["hub_id", "id"], unique=False)

    op.create_table(
        "seal_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document_print.id"], name=op.f("fk_seal_use_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_use")),
    )
    with op.batch_alter_table("seal_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_use_document_id"), ["document_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("seal_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seal_use_document_id"))

    op.drop_table("seal_use")
    with op.batch_alter_table("document_print", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_print_hub_id_id"))
        batch_op.drop_index(batch_op.f("ix_document_print_case_id"))

    op.drop_table("document_print")
    with op.batch_alter_table("document_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_template_hub_id_kind_id"))

    op.drop_table("document_template")
    op.drop_table("document_number")
