"""Competency."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("revoke_kind", sa.Text(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(revoked_at, revoke_kind, revoke_reason) IN (0, 3)",
            name=op.f("ck_certificate_revoked_with_reason"),
        ),
        sa.CheckConstraint(
            "revoke_kind IN ('mistake', 'signed_wrongly', 'replaced', 'other')",
            name=op.f("ck_certificate_revoke_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["app_user.id"], name=op.f("fk_certificate_issued_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["app_user.id"], name=op.f("fk_certificate_revoked_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "learner_id"],
            ["learner.ward_id", "learner.id"],
            name=op.f("fk_certificate_ward_id_learner_id_learner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("serial", name=op.f("uq_certificate_serial")),
    )
    op.create_index("ix_certificate_learner_id", "certificate", ["learner_id"], unique=False)
    op.create_index("ix_certificate_ward_id_issued_at", "certificate", ["ward_id", "issued_at"], unique=False)
    op.create_table(
        "sign_off",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("required", sa.BigInteger(), nullable=False),
        sa.Column("signed_by", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('with_help', 'alone', 'can_teach')", name=op.f("ck_sign_off_level")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)", name=op.f("ck_sign_off_revoked_with_reason")
        ),
        sa.CheckConstraint("required >= 1", name=op.f("ck_sign_off_required")),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["app_user.id"], name=op.f("fk_sign_off_revoked_by_app_user")
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["app_user.id"], name=op.f("fk_sign_off_signed_by_app_user")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_sign_off_skill_id_skill")),
        sa.ForeignKeyConstraint(
            ["ward_id", "learner_id"],
            ["learner.ward_id", "learner.id"],
            name=op.f("fk_sign_off_ward_id_learner_id_learner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint(
            "id",
            "learner_id",
            "skill_id",
            "signed_by",
            name=op.f("uq_sign_off_id_learner_id_skill_id_signed_by"),
        ),
    )
    op.create_index("ix_sign_off_learner_id", "sign_off", ["learner_id"], unique=False)
    op.create_index("ix_sign_off_ward_id_signed_at", "sign_off", ["ward_id", "signed_at"], unique=False)
    op.create_index(
        "uq_sign_off_standing",
        "sign_off",
        ["learner_id", "skill_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "demonstration",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("mark_id", sa.BigInteger(), nullable=False),
        sa.Column("mark_is_present", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("observed_by", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rubric_version", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "level IN ('with_help', 'alone', 'can_teach')", name=op.f("ck_demonstration_level")
        ),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_demonstration_voided_with_reason")
        ),
        sa.CheckConstraint("mark_is_present", name=op.f("ck_demonstration_learner_present")),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_demonstration_learner_id_learner")
        ),
        sa.ForeignKeyConstraint(
            ["mark_id", "session_id", "learner_id", "mark_is_present"],
            [
                "attendance_mark.id",
                "attendance_mark.session_id",
                "attendance_mark.learner_id",
                "attendance_mark.is_present",
            ],
            name="fk_demonstration_present_mark",
        ),
        sa.ForeignKeyConstraint(
            ["observed_by"], ["app_user.id"], name=op.f("fk_demonstration_observed_by_app_user")
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_demonstration_skill_id_skill")),
        sa.ForeignKeyConstraint(
            ["voided_by"], ["app_user.id"], name=op.f("fk_demonstration_voided_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_demonstration_ward_id_session_id_class_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demonstration")),
        sa.UniqueConstraint("client_id", name=op.f("uq_demonstration_client_id")),
        sa.UniqueConstraint(
            "id",
            "learner_id",
            "skill_id",
            "observed_by",
            name=op.f("uq_demonstration_id_learner_id_skill_id_observed_by"),
        ),
    )
    op.create_index("ix_demonstration_learner_id", "demonstration", ["learner_id"], unique=False)
    op.create_index(
        "ix_demonstration_ward_id_recorded_at", "demonstration", ["ward_id", "recorded_at"], unique=False
    )
    op.create_index(
        "uq_demonstration_standing",
        "demonstration",
        ["session_id", "learner_id", "skill_id"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "sign_off_evidence",
        sa.Column("sign_off_id", sa.BigInteger(), nullable=False),
        sa.Column("demonstration_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("observed_by", sa.BigInteger(), nullable=False),
        sa.Column("signed_by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("observed_by <> signed_by", name=op.f("ck_sign_off_evidence_two_people")),
        sa.ForeignKeyConstraint(
            ["demonstration_id", "learner_id", "skill_id", "observed_by"],
            [
                "demonstration.id",
                "demonstration.learner_id",
                "demonstration.skill_id",
                "demonstration.observed_by",
            ],
            name="fk_sign_off_evidence_demonstration",
        ),
        sa.ForeignKeyConstraint(
            ["sign_off_id", "learner_id", "skill_id", "signed_by"],
            ["sign_off.id", "sign_off.learner_id", "sign_off.skill_id", "sign_off.signed_by"],
            name="fk_sign_off_evidence_sign_off",
        ),
        sa.PrimaryKeyConstraint("sign_off_id", "demonstration_id", name=op.f("pk_sign_off_evidence")),
    )
    op.create_index(
        "ix_sign_off_evidence_demonstration_id", "sign_off_evidence", ["demonstration_id"], unique=False
    )
    op.create_table(
        "awaiting_sign_off",
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "level IN ('with_help', 'alone', 'can_teach')", name=op.f("ck_awaiting_sign_off_level")
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_awaiting_sign_off_skill_id_skill")),
        sa.ForeignKeyConstraint(
            ["ward_id", "learner_id"],
            ["learner.ward_id", "learner.id"],
            name=op.f("fk_awaiting_sign_off_ward_id_learner_id_learner"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "skill_id", name=op.f("pk_awaiting_sign_off")),
    )
    op.create_index(
        "ix_awaiting_sign_off_ward_id_learner_id",
        "awaiting_sign_off",
        ["ward_id", "learner_id"],
        unique=False,
    )

    for table, may_change in (
        ("demonstration", "'voided_at', 'voided_by', 'void_reason'"),
        ("sign_off", "'revoked_at', 'revoked_by', 'revoke_reason'"),
        ("certificate", "'revoked_at', 'revoked_by', 'revoke_kind', 'revoke_reason'"),
    ):
        op.execute(f"""
            CREATE TRIGGER keeps_history BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION lopso_only_these_change({may_change})
        """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sign_off_evidence
        FOR EACH ROW EXECUTE FUNCTION lopso_forbid_change()
    """)
    # Deferred: the evidence is written after the sign-off, in the same transaction.
    op.execute("""
        CREATE FUNCTION lopso_enough_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT count(*) FROM sign_off_evidence WHERE sign_off_id = NEW.id) < NEW.required THEN
                RAISE EXCEPTION 'a sign-off rests on at least % demonstrations', NEW.required
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_sign_off_enough_evidence';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER enough_evidence AFTER INSERT ON sign_off
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lopso_enough_evidence()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION lopso_enough_evidence CASCADE")
    op.drop_table("awaiting_sign_off")
    op.drop_table("sign_off_evidence")
    op.drop_table("demonstration")
    op.drop_table("sign_off")
    op.drop_table("certificate")
