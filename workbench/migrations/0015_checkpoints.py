"""Seals on the heads of the trail, the register of its streams, and signed checkpoints."""

import hashlib
import hmac

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REGISTER = "streams"


def upgrade() -> None:
    op.create_table(
        "audit_stream",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_stream")),
        sa.UniqueConstraint("stream", name=op.f("uq_audit_stream_stream")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("anchors", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoint")),
        sa.UniqueConstraint("day", name=op.f("uq_audit_checkpoint_day")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("checkpoint", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["checkpoint"], ["audit_checkpoint.number"], name=op.f("fk_audit_anchor_checkpoint")),
        sa.PrimaryKeyConstraint("checkpoint", "place", name=op.f("pk_audit_anchor")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_audit_anchor_stream_seq")),
    )
    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seal", sa.LargeBinary(length=32), nullable=True))
    _seal_what_stands(op.get_bind())
    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.alter_column("seal", existing_type=sa.LargeBinary(length=32), nullable=False)


def _seal_what_stands(connection: sa.Connection) -> None:
    """Seal the heads there are and enter their streams in the register, as later versions do when a stream begins."""
    key = connection.dialect.workbench_keys.audit  # type: ignore[attr-defined]
    head = sa.table("audit_head", *(sa.column(name) for name in ("stream", "seq", "mac", "seal")))
    register = sa.table("audit_stream", *(sa.column(name) for name in ("number", "stream", "mac")))
    number, mac = 0, b"\0" * 32
    rows = connection.execute(sa.select(head.c.stream, head.c.seq, head.c.mac).order_by(head.c.stream)).all()
    for row in rows:
        seal = _seal(key, row.stream, row.seq, bytes(row.mac))
        connection.execute(head.update().where(head.c.stream == row.stream).values(seal=seal))
        number += 1
        mac = hmac.digest(key, b"stream\x1f" + mac + f"{number}\x1f{row.stream}".encode(), hashlib.sha256)
        connection.execute(register.insert().values(number=number, stream=row.stream, mac=mac))
    if number:
        seal = _seal(key, REGISTER, number, mac)
        connection.execute(head.insert().values(stream=REGISTER, seq=number, mac=mac, seal=seal))


def _seal(key: bytes, stream: str, seq: int, mac: bytes) -> bytes:
    return hmac.digest(key, b"head\x1f" + f"{stream}\x1f{seq}\x1f".encode() + mac, hashlib.sha256)


def downgrade() -> None:
    op.execute(sa.text(f"DELETE FROM audit_head WHERE stream = '{REGISTER}'"))
    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.drop_column("seal")
    op.drop_table("audit_anchor")
    op.drop_table("audit_checkpoint")
    op.drop_table("audit_stream")
