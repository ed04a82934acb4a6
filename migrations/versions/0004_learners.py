"""Learners."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learner",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.TEXT(collation="C"), nullable=False),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_kind", sa.Text(), server_default="none", nullable=False),
        sa.Column("phone_note", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("neighbourhood_id", sa.BigInteger(), nullable=True),
        sa.Column("audiences", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple', name_key || ' w' || ward_id || ' ' || coalesce('0' || substr(phone, 4) || ' ' || right(phone, 4), ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(phone IS NULL) = (phone_kind = 'none')", name=op.f("ck_learner_phone_kind_told")
        ),
        sa.CheckConstraint(
            "audiences <@ ARRAY['elderly', 'trader', 'farmer', 'official', 'pupil_student', 'worker', 'disadvantaged', 'other']::text[]",
            name=op.f("ck_learner_audiences"),
        ),
        sa.CheckConstraint("full_name <> ''", name=op.f("ck_learner_named")),
        sa.CheckConstraint("phone ~ '^\\+[0-9]{8,15}$'", name=op.f("ck_learner_phone_e164")),
        sa.CheckConstraint(
            "phone_kind IN ('mobile', 'landline', 'none')", name=op.f("ck_learner_phone_kind")
        ),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_learner_sex")),
        sa.CheckConstraint("birth_year BETWEEN 1900 AND 2100", name=op.f("ck_learner_birth_year")),
        sa.ForeignKeyConstraint(
            ["ward_id", "neighbourhood_id"],
            ["neighbourhood.ward_id", "neighbourhood.id"],
            name=op.f("fk_learner_ward_id_neighbourhood_id_neighbourhood"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_learner_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_learner_ward_id_id")),
    )
    op.create_index("ix_learner_search", "learner", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_learner_ward_id_name_key", "learner", ["ward_id", "name_key"], unique=False)
    op.create_index("ix_learner_ward_id_phone", "learner", ["ward_id", "phone"], unique=False)
    op.create_index(
        "ix_learner_ward_id_sort_key",
        "learner",
        ["ward_id", "sort_key", "id"],
        unique=False,
        postgresql_where="archived_at IS NULL",
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("collected_by", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("how IN ('paper', 'spoken', 'import', 'page')", name=op.f("ck_consent_how")),
        sa.CheckConstraint(
            "purpose IN ('class', 'sms', 'photo', 'invitation')", name=op.f("ck_consent_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["collected_by"], ["app_user.id"], name=op.f("fk_consent_collected_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "learner_id"],
            ["learner.ward_id", "learner.id"],
            name=op.f("fk_consent_ward_id_learner_id_learner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_learner_id", "consent", ["learner_id"], unique=False)
    op.create_index(
        "uq_consent_standing",
        "consent",
        ["learner_id", "purpose"],
        unique=True,
        postgresql_where="withdrawn_at IS NULL",
    )

    op.execute("""
        CREATE TRIGGER keeps_history BEFORE UPDATE OR DELETE ON consent
        FOR EACH ROW EXECUTE FUNCTION lopso_only_these_change('withdrawn_at')
    """)

    op.create_table(
        "staged_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("understood", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("kind IN ('learners', 'teams')", name=op.f("ck_staged_import_kind")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_staged_import_made_by_app_user")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_staged_import_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_import")),
    )
    op.create_index("ix_staged_import_made_at", "staged_import", ["made_at"], unique=False)


def downgrade() -> None:
    op.drop_table("staged_import")
    op.drop_table("consent")
    op.drop_table("learner")
