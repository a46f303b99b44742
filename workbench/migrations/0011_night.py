"""Lists made at night: who is entitled and has not applied; on what facts an entry was settled."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = ("stop", "apply", "check", "recheck", "automatic", "sample")
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


def downgrade() -> None:
    op.execute("DELETE FROM agenda WHERE kind = 'entitled'")
    _words(BEFORE)
    with op.batch_alter_table("agenda") as batch_op:
        batch_op.drop_index(op.f(INDEX))
        batch_op.drop_column("basis")
