"""Events of households, who may act for whom, consents, addresses to be found by, imports, facts taken back."""

import sqlalchemy as sa
from alembic import op

from workbench.people.address_keys import key_rows
from workbench.store.types import Json, Sealed, key_ring

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PART = 500


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("header", Json, nullable=False),
        sa.Column("columns", Json, nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("at_row", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.Column("undo_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checking', 'checked', 'writing', 'done', 'undoing', 'undone', 'stopped')",
            name=op.f("ck_import_file_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_file_hub_id_made_at"), ["hub_id", "made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_file_state"), ["state"], unique=False)

    op.create_table(
        "address_key",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_address_key_household_id")),
        sa.PrimaryKeyConstraint("key", "household_id", name=op.f("pk_address_key")),
    )
    with op.batch_alter_table("address_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_key_household_id"), ["household_id"], unique=False)

    op.create_table(
        "authority",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id_no", sa.LargeBinary(), nullable=True),
        sa.Column("id_masked", sa.String(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('agent', 'guardian')", name=op.f("ck_authority_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_authority_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
    )
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authority_person_id"), ["person_id"], unique=False)

    op.create_table(
        "household_event",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("undoes_id", sa.String(), nullable=False),
        sa.Column("addresses", sa.LargeBinary(), nullable=True),
        sa.Column("untold", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('open', 'join', 'leave', 'birth', 'death', 'split', 'relations', 'address', 'second', 'undo')",
            name=op.f("ck_household_event_kind"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_household_event_household_id")),
        sa.ForeignKeyConstraint(["other_id"], ["household.id"], name=op.f("fk_household_event_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_event")),
    )
    with op.batch_alter_table("household_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_event_household_id_recorded_at"), ["household_id", "recorded_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_household_event_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_event_undoes_id"), ["undoes_id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("problems", Json, nullable=False),
        sa.Column("made", Json, nullable=False),
        sa.Column("undone", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'known', 'same', 'likely', 'refused')", name=op.f("ck_import_row_state")),
        sa.ForeignKeyConstraint(["import_id"], ["import_file.id"], name=op.f("fk_import_row_import_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_row_person_id")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_row_person_id"), ["person_id"], unique=False)

    op.create_table(
        "means_consent",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_means_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_means_consent")),
    )
    with op.batch_alter_table("means_consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_means_consent_person_id"), ["person_id"], unique=False)

    op.create_table(
        "household_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["household_event.id"], name=op.f("fk_household_change_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_household_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_change")),
    )
    with op.batch_alter_table("household_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_change_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_change_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdraws", sa.Integer(), nullable=True))

    with op.batch_alter_table("household_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("second_reason", sa.String(), server_default="", nullable=False))
    _write_address_keys()


def _write_address_keys() -> None:
    """Let the households that are on file be found by their addresses."""
    connection = op.get_bind()
    keys = key_ring(connection.dialect)
    home = sa.table(
        "household", sa.column("id"), sa.column("hub_id"), sa.column("address", Sealed("household.address"))
    )
    written = sa.table("address_key", sa.column("key"), sa.column("household_id"))
    after = ""
    while rows := connection.execute(sa.select(home).where(home.c.id > after).order_by(home.c.id).limit(PART)).all():
        made = [one for row in rows for one in key_rows(keys, row.id, row.hub_id, row.address or "")]
        if made:
            connection.execute(sa.insert(written), made)
        after = rows[-1].id


def downgrade() -> None:
    with op.batch_alter_table("household_member", schema=None) as batch_op:
        batch_op.drop_column("second_reason")

    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.drop_column("withdraws")

    with op.batch_alter_table("household_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_change_person_id"))
        batch_op.drop_index(batch_op.f("ix_household_change_event_id"))

    op.drop_table("household_change")
    with op.batch_alter_table("means_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_means_consent_person_id"))

    op.drop_table("means_consent")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_row_person_id"))

    op.drop_table("import_row")
    with op.batch_alter_table("household_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_event_undoes_id"))
        batch_op.drop_index(batch_op.f("ix_household_event_other_id"))
        batch_op.drop_index(batch_op.f("ix_household_event_household_id_recorded_at"))

    op.drop_table("household_event")
    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authority_person_id"))

    op.drop_table("authority")
    with op.batch_alter_table("address_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_key_household_id"))

    op.drop_table("address_key")
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_file_state"))
        batch_op.drop_index(batch_op.f("ix_import_file_hub_id_made_at"))

    op.drop_table("import_file")
