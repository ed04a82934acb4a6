"""Trainers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trainer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.TEXT(collation="C"), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_note", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("teaches_all", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("enlisted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple', name_key || ' w' || ward_id || ' ' || coalesce('0' || substr(phone, 4) || ' ' || right(phone, 4), ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("full_name <> ''", name=op.f("ck_trainer_named")),
        sa.CheckConstraint(
            "kind IN ('digital_ambassador', 'team_member', 'student_volunteer')", name=op.f("ck_trainer_kind")
        ),
        sa.CheckConstraint("phone ~ '^\\+[0-9]{8,15}$'", name=op.f("ck_trainer_phone_e164")),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_trainer_sex")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_trainer_user_id_app_user")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_trainer_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer")),
        sa.UniqueConstraint("user_id", name=op.f("uq_trainer_user_id")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_trainer_ward_id_id")),
    )
    op.create_index("ix_trainer_search", "trainer", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_trainer_ward_id_name_key", "trainer", ["ward_id", "name_key"], unique=False)
    op.create_index("ix_trainer_ward_id_phone", "trainer", ["ward_id", "phone"], unique=False)
    op.create_index(
        "ix_trainer_ward_id_sort_key",
        "trainer",
        ["ward_id", "sort_key", "id"],
        unique=False,
        postgresql_where="left_at IS NULL",
    )
    op.create_table(
        "availability",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.Time(), nullable=False),
        sa.Column("until", sa.Time(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_availability_until_after_since")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_weekday")),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_availability_trainer_id_trainer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
        sa.UniqueConstraint(
            "trainer_id", "weekday", "since", name=op.f("uq_availability_trainer_id_weekday_since")
        ),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("neighbourhood_id", sa.BigInteger(), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.Column("disbanded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('community_tech_team', 'student_volunteers', 'ambassadors')", name=op.f("ck_team_kind")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_team_named")),
        sa.CheckConstraint("active_to >= active_from", name=op.f("ck_team_active_block")),
        sa.ForeignKeyConstraint(
            ["ward_id", "neighbourhood_id"],
            ["neighbourhood.ward_id", "neighbourhood.id"],
            name=op.f("fk_team_ward_id_neighbourhood_id_neighbourhood"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_team_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_team_ward_id_id")),
        sa.UniqueConstraint("ward_id", "kind", "name_key", name=op.f("uq_team_ward_id_kind_name_key")),
    )
    op.create_table(
        "qualification",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('declared', 'training')", name=op.f("ck_qualification_source")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_qualification_skill_id_skill")),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_qualification_trainer_id_trainer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
    )
    op.create_index("ix_qualification_skill_id", "qualification", ["skill_id"], unique=False)
    op.create_index(
        "uq_qualification_held",
        "qualification",
        ["trainer_id", "skill_id"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.create_table(
        "team_member",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('head', 'deputy', 'member')", name=op.f("ck_team_member_role")),
        sa.ForeignKeyConstraint(
            ["ward_id", "team_id"],
            ["team.ward_id", "team.id"],
            name=op.f("fk_team_member_ward_id_team_id_team"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "trainer_id"],
            ["trainer.ward_id", "trainer.id"],
            name=op.f("fk_team_member_ward_id_trainer_id_trainer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
    )
    op.create_index("ix_team_member_trainer_id", "team_member", ["trainer_id"], unique=False)
    op.create_index(
        "uq_team_member_current",
        "team_member",
        ["team_id", "trainer_id"],
        unique=True,
        postgresql_where="left_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("team_member")
    op.drop_table("qualification")
    op.drop_table("team")
    op.drop_table("availability")
    op.drop_table("trainer")
