"""Calendar invitations by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_wish",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_calendar_wish_user_id_app_user")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_calendar_wish_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_wish")),
    )
    op.create_index(
        "ix_calendar_wish_ward_id",
        "calendar_wish",
        ["ward_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_calendar_wish_standing",
        "calendar_wish",
        ["user_id", "ward_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=True),
        sa.Column("learner_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("state_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("useless_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("uncertain", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('claimed', 'sending')) = (lease_until IS NOT NULL)", name=op.f("ck_mail_lease")
        ),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'change', 'cancellation')", name=op.f("ck_mail_purpose")
        ),
        sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_mail_sent_has_time")),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'sending', 'sent', 'failed', 'expired', 'withdrawn')",
            name=op.f("ck_mail_state"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(trainer_id, learner_id, user_id) = 1", name=op.f("ck_mail_one_person")
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_mail_learner_id_learner")),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainer.id"], name=op.f("fk_mail_trainer_id_trainer")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_mail_user_id_app_user")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_mail_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("reference", name=op.f("uq_mail_reference")),
    )
    op.create_index(
        "ix_mail_due", "mail", ["due_at", "id"], unique=False, postgresql_where=sa.text("state = 'planned'")
    )
    op.create_index(
        "ix_mail_lease",
        "mail",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'sending')"),
    )
    op.create_index(
        "ix_mail_open_learner",
        "mail",
        ["learner_id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_mail_open_trainer",
        "mail",
        ["trainer_id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_mail_open_user", "mail", ["user_id"], unique=False, postgresql_where=sa.text("state = 'planned'")
    )
    op.create_index("ix_mail_ward_id_due_at", "mail", ["ward_id", "due_at"], unique=False)
    op.create_table(
        "sandbox_mail",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.SmallInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_sandbox_mail_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_sandbox_mail_message_id")),
    )
    op.create_index("ix_sandbox_mail_at", "sandbox_mail", ["at"], unique=False)
    op.create_table(
        "invite",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=True),
        sa.Column("learner_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("session_version", sa.BigInteger(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('invited', 'cancelled')", name=op.f("ck_invite_state")),
        sa.CheckConstraint(
            "num_nonnulls(trainer_id, learner_id, user_id) = 1", name=op.f("ck_invite_one_person")
        ),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_invite_sequence")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_invite_learner_id_learner")),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainer.id"], name=op.f("fk_invite_trainer_id_trainer")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_invite_user_id_app_user")),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_invite_ward_id_session_id_class_session"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_invite_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint(
            "session_id",
            "trainer_id",
            "learner_id",
            "user_id",
            name=op.f("uq_invite_session_id_trainer_id_learner_id_user_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_invite_uid")),
    )
    op.create_table(
        "mail_invite",
        sa.Column("mail_id", sa.BigInteger(), nullable=False),
        sa.Column("invite_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("session_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_mail_invite_invite_id_invite")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_invite_mail_id_mail")),
        sa.PrimaryKeyConstraint("mail_id", "invite_id", name=op.f("pk_mail_invite")),
    )
    op.create_index("ix_mail_invite_invite_id", "mail_invite", ["invite_id"], unique=False)
    # A calendar that has seen a number takes no lower one; the identity of an appointment is for life.
    op.execute("""
        CREATE FUNCTION lopso_invite_for_life() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.uid <> OLD.uid OR NEW.sequence < OLD.sequence THEN
                RAISE EXCEPTION 'invite %: its uid stays and its sequence only grows', OLD.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'invite_for_life';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER for_life BEFORE UPDATE OF uid, sequence ON invite
        FOR EACH ROW EXECUTE FUNCTION lopso_invite_for_life();
        CREATE FUNCTION lopso_mail_forward() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state IN ('sent', 'failed', 'expired', 'withdrawn') AND NEW.state <> OLD.state
                OR OLD.message_id IS NOT NULL AND NEW.message_id IS DISTINCT FROM OLD.message_id
                OR OLD.uncertain AND NOT NEW.uncertain THEN
                RAISE EXCEPTION 'mail %: % does not go back to %', OLD.id, OLD.state, NEW.state
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'mail_forward_only';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER forward_only BEFORE UPDATE OF state, message_id, uncertain ON mail
        FOR EACH ROW EXECUTE FUNCTION lopso_mail_forward()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION lopso_invite_for_life CASCADE")
    op.execute("DROP FUNCTION lopso_mail_forward CASCADE")
    for table in ("sandbox_mail", "mail_invite", "mail", "invite", "calendar_wish"):
        op.drop_table(table)
