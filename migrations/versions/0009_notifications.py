"""Notifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_template",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("message_class", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_accented", sa.Text(), nullable=False),
        sa.Column("registered_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_message_template_language")),
        sa.CheckConstraint(
            "message_class IN ('service', 'operations', 'promo')",
            name=op.f("ck_message_template_message_class"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
        sa.UniqueConstraint(
            "code", "language", "version", name=op.f("uq_message_template_code_language_version")
        ),
    )
    op.create_index(
        "uq_message_template_current",
        "message_template",
        ["code", "language"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "sandbox_text",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("to_phone", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.SmallInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_text")),
        sa.UniqueConstraint("reference", name=op.f("uq_sandbox_text_reference")),
    )
    op.create_index("ix_sandbox_text_to_phone_at", "sandbox_text", ["to_phone", "at"], unique=False)
    op.create_table(
        "reminder_policy",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=True),
        sa.Column("day_before_at", sa.Time(), nullable=True),
        sa.Column("hours_before", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("daily_cap", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("daily_cap BETWEEN 1 AND 50", name=op.f("ck_reminder_policy_daily_cap")),
        sa.CheckConstraint("hours_before BETWEEN 1 AND 23", name=op.f("ck_reminder_policy_hours_before")),
        sa.CheckConstraint("quiet_until < quiet_from", name=op.f("ck_reminder_policy_waking_hours")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_reminder_policy_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_policy")),
        sa.UniqueConstraint(
            "ward_id", name=op.f("uq_reminder_policy_ward_id"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("session_version", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("message_class", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="sms", nullable=False),
        sa.Column("to_phone", sa.Text(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_accented", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("segments", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("useless_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("state_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("price", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('claimed', 'sending')) = (lease_until IS NOT NULL)", name=op.f("ck_message_lease")
        ),
        sa.CheckConstraint("channel = 'sms'", name=op.f("ck_message_channel")),
        sa.CheckConstraint("encoding IN ('gsm7', 'ucs2')", name=op.f("ck_message_encoding")),
        sa.CheckConstraint(
            "message_class IN ('service', 'operations', 'promo')", name=op.f("ck_message_message_class")
        ),
        sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_message_sent_has_time")),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'ambiguous', 'expired', 'withdrawn', 'suppressed')",
            name=op.f("ck_message_state"),
        ),
        sa.CheckConstraint("to_phone ~ '^\\+[0-9]{8,15}$'", name=op.f("ck_message_phone_e164")),
        sa.CheckConstraint(
            "useless_after > due_at OR state IN ('expired', 'withdrawn', 'suppressed')",
            name=op.f("ck_message_useful"),
        ),
        sa.CheckConstraint("segments BETWEEN 1 AND 10", name=op.f("ck_message_segments")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["message_template.id"], name=op.f("fk_message_template_id_message_template")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_message_ward_id_session_id_class_session"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_message_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("reference", name=op.f("uq_message_reference")),
    )
    op.create_index(
        "uq_message_once",
        "message",
        ["purpose", "to_phone", "session_id", "session_version"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'suppressed')"),
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["urgent", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_message_ambiguous",
        "message",
        ["tried_at"],
        unique=False,
        postgresql_where=sa.text("state = 'ambiguous'"),
    )
    op.create_index(
        "ix_message_unconfirmed",
        "message",
        ["sent_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_index(
        "ix_message_lease",
        "message",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'sending')"),
    )
    op.create_index("ix_message_provider_id", "message", ["provider_id"], unique=False)
    op.create_index("ix_message_session_id", "message", ["session_id"], unique=False)
    op.create_index("ix_message_to_phone_due_at", "message", ["to_phone", "due_at"], unique=False)
    op.create_index("ix_message_ward_id_due_at", "message", ["ward_id", "due_at"], unique=False)
    op.create_table(
        "delivery_event",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'ambiguous', 'expired', 'withdrawn', 'suppressed')",
            name=op.f("ck_delivery_event_state"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_delivery_event_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_event")),
    )
    op.create_index("ix_delivery_event_message_id", "delivery_event", ["message_id", "id"], unique=False)
    op.create_table(
        "message_recipient",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=True),
        sa.Column("trainer_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(learner_id IS NULL) <> (trainer_id IS NULL)", name=op.f("ck_message_recipient_one_person")
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_message_recipient_learner_id_learner")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_recipient_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_message_recipient_trainer_id_trainer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_recipient")),
        sa.UniqueConstraint(
            "message_id",
            "learner_id",
            "trainer_id",
            name=op.f("uq_message_recipient_message_id_learner_id_trainer_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_message_recipient_learner_id", "message_recipient", ["learner_id"], unique=False)
    op.create_index("ix_message_recipient_trainer_id", "message_recipient", ["trainer_id"], unique=False)

    op.execute("""
        CREATE FUNCTION lopso_message_forward() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) NOT IN (
                ('planned', 'claimed'), ('planned', 'expired'), ('planned', 'withdrawn'), ('planned', 'suppressed'),
                ('claimed', 'planned'), ('claimed', 'sending'), ('claimed', 'expired'), ('claimed', 'withdrawn'),
                ('claimed', 'suppressed'),
                -- 'planned' again only where the provider said it did nothing
                ('sending', 'planned'), ('sending', 'sent'), ('sending', 'delivered'), ('sending', 'undelivered'),
                -- A late word about an attempt that was thought lost, before the next one began.
                ('planned', 'sent'), ('planned', 'delivered'), ('planned', 'undelivered'), ('planned', 'failed'),
                ('claimed', 'sent'), ('claimed', 'delivered'), ('claimed', 'undelivered'), ('claimed', 'failed'),
                ('sending', 'failed'), ('sending', 'ambiguous'), ('sending', 'expired'),
                ('sent', 'delivered'), ('sent', 'undelivered'),
                ('ambiguous', 'planned'), ('ambiguous', 'sent'), ('ambiguous', 'delivered'),
                ('ambiguous', 'undelivered'), ('ambiguous', 'failed'), ('ambiguous', 'expired')
            ) AND OLD.state <> NEW.state THEN
                RAISE EXCEPTION 'a message does not go from % to %', OLD.state, NEW.state
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER forward_only BEFORE UPDATE OF state ON message
        FOR EACH ROW EXECUTE FUNCTION lopso_message_forward()
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON delivery_event
        FOR EACH ROW EXECUTE FUNCTION lopso_forbid_change()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION lopso_message_forward CASCADE")
    op.drop_table("message_recipient")
    op.drop_table("delivery_event")
    op.drop_table("message")
    op.drop_table("reminder_policy")
    op.drop_table("sandbox_text")
    op.drop_table("message_template")
