"""Whom staff told of a session themselves, because no text reached them."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_call",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("session_version", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=True),
        sa.Column("trainer_id", sa.BigInteger(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("num_nonnulls(learner_id, trainer_id) = 1", name=op.f("ck_phone_call_one_person")),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_phone_call_learner_id_learner")
        ),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_phone_call_noted_by_app_user")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["class_session.id"], name=op.f("fk_phone_call_session_id_class_session")
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_phone_call_trainer_id_trainer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_call")),
    )
    for person in ("learner_id", "trainer_id"):
        op.create_index(
            f"uq_phone_call_{person}",
            "phone_call",
            ["session_id", "session_version", person],
            unique=True,
            postgresql_where=sa.text(f"{person} IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("phone_call")
