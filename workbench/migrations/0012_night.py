"""Lists made at night: who is entitled and has not applied; on what facts an entry was settled. The meter's sums."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = ("stop", "apply", "check", "recheck", "automatic", "sample")
SUMS = ("cases", "fields", "by_hand", "filled", "typed", "sheets", "retyped", "retyping_seconds")
INDEX = "ix_agenda_hub_id_state_item_code_kind_id"


def _words(words: tuple[str, ...]) -> None:
    with op.batch_alter_table("agenda") as batch_op:
        batch_op.drop_constraint(op.f("ck_agenda_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_agenda_kind"), f"kind IN ({', '.join(map(repr, words))})")


def upgrade() -> None:
    with op.batch_alter_table("agenda") as batch_op:
        batch_op.add_column(sa.Column("basis", sa.String(), server_default="", nullable=False))
        batch_op.create_index(op.f(INDEX), ["hub_id", "state", "item_code", "kind", "id"], unique=False)
    _words((*BEFORE, "entitled"))
    op.create_table(
        "entry_meter",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        sa.PrimaryKeyConstraint("hub_id", "month", "item_code", name=op.f("pk_entry_meter")),
    )
    op.create_table(
        "entry_meter_counted",
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("hub_id", name=op.f("pk_entry_meter_counted")),
    )


def downgrade() -> None:
    op.drop_table("entry_meter_counted")
    op.drop_table("entry_meter")
    op.execute("DELETE FROM agenda WHERE kind = 'entitled'")
    _words(BEFORE)
    with op.batch_alter_table("agenda") as batch_op:
        batch_op.drop_index(op.f(INDEX))
        batch_op.drop_column("basis")
