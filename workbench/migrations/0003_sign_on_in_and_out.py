"""sign on in and out."""

import sqlalchemy as sa
from alembic import op

from workbench.store.types import Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "platform_client",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("redirect_uris", sa.String(), nullable=False),
        sa.Column("post_logout_uris", sa.String(), nullable=False),
        sa.Column("logout_notice_uri", sa.String(), nullable=False),
        sa.Column("launch_uri", sa.String(), nullable=False),
        sa.Column("target_uri", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_client")),
    )
    op.create_table(
        "seen_logout_token",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_seen_logout_token")),
    )
    op.create_table(
        "sign_on_begun",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_on_begun")),
    )
    with op.batch_alter_table("sign_on_begun", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_on_begun_created_at"), ["created_at"], unique=False)

    op.create_table(
        "sign_on_provider",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("link_rule", sa.String(), nullable=False),
        sa.Column("username_claim", sa.String(), nullable=False),
        sa.Column("name_claim", sa.String(), nullable=False),
        sa.Column("roles_claim", sa.String(), nullable=False),
        sa.Column("role_map", Json, nullable=False),
        sa.Column("is_only_way", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("link_rule IN ('refuse', 'link', 'create')", name=op.f("ck_sign_on_provider_link_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_provider")),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "launch",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("ticket_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("number_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number_use", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["platform_client.id"], name=op.f("fk_launch_client_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_launch_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch")),
        sa.UniqueConstraint("ticket_digest", name=op.f("uq_launch_ticket_digest")),
    )
    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_launch_case_id"), ["case_id"], unique=False)

    op.create_table(
        "linked_identity",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["sign_on_provider.id"], name=op.f("fk_linked_identity_provider_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_linked_identity_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identity")),
        sa.UniqueConstraint("provider_id", "subject", name=op.f("uq_linked_identity_provider_id_subject")),
    )
    with op.batch_alter_table("linked_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_linked_identity_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "logout_notice",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["platform_client.id"], name=op.f("fk_logout_notice_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_notice")),
    )
    with op.batch_alter_table("logout_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logout_notice_due_at"), ["due_at"], unique=False)

    op.create_table(
        "passkey",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_passkey_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "phone_code",
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_phone_code_worker_id")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_phone_code")),
    )
    op.create_table(
        "platform_access",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("launch_id", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["platform_client.id"], name=op.f("fk_platform_access_client_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_platform_access_worker_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_platform_access")),
    )
    with op.batch_alter_table("platform_access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_platform_access_code_digest"), ["code_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_platform_access_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_platform_access_sid"), ["sid"], unique=False)

    op.create_table(
        "platform_code",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("launch_id", sa.String(), nullable=False),
        sa.Column("auth_time", sa.Integer(), nullable=False),
        sa.Column("amr", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["platform_client.id"], name=op.f("fk_platform_code_client_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_platform_code_worker_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_platform_code")),
    )
    with op.batch_alter_table("platform_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_platform_code_client_id"), ["client_id"], unique=False)

    op.create_table(
        "platform_credential",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("username", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["hub.id"], name=op.f("fk_platform_credential_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_credential")),
        sa.UniqueConstraint(
            "platform_id", "hub_id", "worker_id", name=op.f("uq_platform_credential_platform_id_hub_id_worker_id")
        ),
    )
    with op.batch_alter_table("platform_credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_platform_credential_hub_id"), ["hub_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_platform_credential_worker_id"), ["worker_id"], unique=False)

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sid", sa.String(length=26), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("way", sa.String(), nullable=False, server_default="local"))
        batch_op.add_column(sa.Column("provider_id", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("provider_subject", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("provider_sid", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("id_token", sa.LargeBinary(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_sign_in_provider_id_provider_sid"), ["provider_id", "provider_sid"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sign_in_sid"), ["sid"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_sid"))
        batch_op.drop_index(batch_op.f("ix_sign_in_provider_id_provider_sid"))
        batch_op.drop_column("id_token")
        batch_op.drop_column("provider_sid")
        batch_op.drop_column("provider_subject")
        batch_op.drop_column("provider_id")
        batch_op.drop_column("way")
        batch_op.drop_column("sid")

    with op.batch_alter_table("platform_credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_platform_credential_worker_id"))
        batch_op.drop_index(batch_op.f("ix_platform_credential_hub_id"))

    op.drop_table("platform_credential")
    with op.batch_alter_table("platform_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_platform_code_client_id"))

    op.drop_table("platform_code")
    with op.batch_alter_table("platform_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_platform_access_sid"))
        batch_op.drop_index(batch_op.f("ix_platform_access_expires_at"))
        batch_op.drop_index(batch_op.f("ix_platform_access_code_digest"))

    op.drop_table("platform_access")
    op.drop_table("phone_code")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_worker_id"))

    op.drop_table("passkey")
    with op.batch_alter_table("logout_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logout_notice_due_at"))

    op.drop_table("logout_notice")
    with op.batch_alter_table("linked_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_linked_identity_worker_id"))

    op.drop_table("linked_identity")
    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_launch_case_id"))

    op.drop_table("launch")
    op.drop_table("signing_key")
    op.drop_table("sign_on_provider")
    with op.batch_alter_table("sign_on_begun", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_on_begun_created_at"))

    op.drop_table("sign_on_begun")
    op.drop_table("seen_logout_token")
    op.drop_table("platform_client")
