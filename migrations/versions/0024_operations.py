"""Pauses of delivery, workers alive, backups made; a text that may have gone before a restore is unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)

_FUNCTION = """
    CREATE OR REPLACE FUNCTION lopso_message_forward() RETURNS trigger LANGUAGE plpgsql AS $$
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
            {more}
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
"""


def upgrade() -> None:
    op.create_table(
        "delivery_pause",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("backup_taken_at", _INSTANT, nullable=True),
        sa.Column("paused_by", sa.BigInteger(), nullable=True),
        sa.Column("resume_asked_at", _INSTANT, nullable=True),
        sa.Column("resume_asked_by", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("resumed_at", _INSTANT, nullable=True),
        sa.CheckConstraint("reason IN ('restored', 'by_hand')", name=op.f("ck_delivery_pause_reason")),
        sa.CheckConstraint(
            "(reason = 'restored') = (backup_taken_at IS NOT NULL)",
            name=op.f("ck_delivery_pause_restored_from"),
        ),
        sa.ForeignKeyConstraint(
            ["paused_by"], ["app_user.id"], name=op.f("fk_delivery_pause_paused_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["resume_asked_by"], ["app_user.id"], name=op.f("fk_delivery_pause_resume_asked_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_pause")),
    )
    op.create_index(
        "uq_delivery_pause_open",
        "delivery_pause",
        [sa.text("(resumed_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "backup_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("checked", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("checked IN ('', 'read', 'restored')", name=op.f("ck_backup_run_checked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_run")),
    )
    op.create_index("ix_backup_run_began_at", "backup_run", ["began_at"])
    more = "-- After a restore: whether it went is known to nobody who can be asked."
    op.execute(
        _FUNCTION.format(more=more + "\n            ('planned', 'ambiguous'), ('claimed', 'ambiguous'),")
    )


def downgrade() -> None:
    op.execute(_FUNCTION.format(more=""))
    op.drop_table("backup_run")
    op.drop_table("worker_heartbeat")
    op.drop_table("delivery_pause")
