"""Why a role is held for a time: cover, secondment or another reason."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), server_default="standing", nullable=False))
        batch_op.create_check_constraint(
            op.f("ck_role_grant_kind"), "kind IN ('standing', 'cover', 'secondment', 'temporary')"
        )


def downgrade() -> None:
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_role_grant_kind"), type_="check")
        batch_op.drop_column("kind")
