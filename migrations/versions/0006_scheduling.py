"""Scheduling."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("duration_minutes", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("title <> ''", name=op.f("ck_course_titled")),
        sa.CheckConstraint("duration_minutes BETWEEN 15 AND 720", name=op.f("ck_course_duration")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_course_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_course_ward_id_id")),
    )
    op.create_index(
        "uq_course_open_title",
        "course",
        ["ward_id", "title_key"],
        unique=True,
        postgresql_where="retired_at IS NULL",
    )
    op.create_table(
        "holiday",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tentative", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_holiday_named")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_holiday_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.UniqueConstraint(
            "day", "ward_id", name=op.f("uq_holiday_day_ward_id"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "calendar_token",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_calendar_token_trainer_id_trainer")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_calendar_token")),
    )
    op.create_index(
        "uq_calendar_token_current",
        "calendar_token",
        ["trainer_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("split_from_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("meetings", sa.BigInteger(), nullable=True),
        sa.Column("skips_holidays", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(ends_on IS NULL) <> (meetings IS NULL)", name=op.f("ck_series_one_way_to_end")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_series_ends_after_start")),
        sa.CheckConstraint("meetings BETWEEN 1 AND 200", name=op.f("ck_series_meetings")),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_series_created_by_app_user")),
        sa.ForeignKeyConstraint(
            ["ward_id", "course_id"],
            ["course.ward_id", "course.id"],
            name=op.f("fk_series_ward_id_course_id_course"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "split_from_id"],
            ["series.ward_id", "series.id"],
            name=op.f("fk_series_ward_id_split_from_id_series"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_series_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_series_ward_id_id")),
    )
    op.create_index("ix_series_ward_id_starts_on", "series", ["ward_id", "starts_on"], unique=False)
    op.create_table(
        "course_skill",
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_skill_course_id_course")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_course_skill_skill_id_skill")),
        sa.PrimaryKeyConstraint("course_id", "skill_id", name=op.f("pk_course_skill")),
    )
    op.create_table(
        "series_slot",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("duration_minutes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("duration_minutes BETWEEN 15 AND 720", name=op.f("ck_series_slot_duration")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_series_slot_weekday")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_slot_series_id_series")),
        sa.PrimaryKeyConstraint("series_id", "weekday", "starts_at", name=op.f("pk_series_slot")),
    )
    op.create_table(
        "class_session",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("market_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "during",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(starts_at, ends_at, '[)')", persisted=True),
            nullable=False,
        ),
        sa.Column("original_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("seats_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("need_trainers", sa.SmallInteger(), nullable=False),
        sa.Column("need_helpers", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(room_id, room_id, '[]')"), "&&"),
            (sa.column("during"), "&&"),
            where=sa.text("cancelled_at IS NULL AND room_id IS NOT NULL"),
            using="gist",
            name="ex_class_session_room_once",
        ),
        sa.CheckConstraint(
            "ends_at <= starts_at + interval '24 hours'", name=op.f("ck_class_session_within_a_day")
        ),
        sa.CheckConstraint(
            "kind <> 'ward_class' OR course_id IS NOT NULL", name=op.f("ck_class_session_class_has_course")
        ),
        sa.CheckConstraint(
            "kind IN ('ward_class', 'market_round', 'home_visit', 'mass_event', 'team_training')",
            name=op.f("ck_class_session_kind"),
        ),
        sa.CheckConstraint(
            "room_id IS NOT NULL OR market_id IS NOT NULL OR place <> ''",
            name=op.f("ck_class_session_somewhere"),
        ),
        sa.CheckConstraint("title <> ''", name=op.f("ck_class_session_titled")),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason IS NULL)",
            name=op.f("ck_class_session_cancelled_with_reason"),
        ),
        sa.CheckConstraint("capacity BETWEEN 1 AND 5000", name=op.f("ck_class_session_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_class_session_ends_after_start")),
        sa.CheckConstraint("need_helpers BETWEEN 0 AND 200", name=op.f("ck_class_session_need_helpers")),
        sa.CheckConstraint("need_trainers BETWEEN 0 AND 20", name=op.f("ck_class_session_need_trainers")),
        sa.CheckConstraint(
            "seats_taken BETWEEN 0 AND capacity", name=op.f("ck_class_session_seats_within_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["app_user.id"], name=op.f("fk_class_session_created_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "course_id"],
            ["course.ward_id", "course.id"],
            name=op.f("fk_class_session_ward_id_course_id_course"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "market_id"],
            ["market.ward_id", "market.id"],
            name=op.f("fk_class_session_ward_id_market_id_market"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "room_id"],
            ["room.ward_id", "room.id"],
            name=op.f("fk_class_session_ward_id_room_id_room"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "series_id"],
            ["series.ward_id", "series.id"],
            name=op.f("fk_class_session_ward_id_series_id_series"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_class_session_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_session")),
        sa.UniqueConstraint("id", "starts_at", "ends_at", name=op.f("uq_class_session_id_starts_at_ends_at")),
        sa.UniqueConstraint(
            "series_id", "original_start", name=op.f("uq_class_session_series_id_original_start")
        ),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_class_session_ward_id_id")),
    )
    op.create_index("ix_class_session_course_id", "class_session", ["course_id"], unique=False)
    op.create_index("ix_class_session_room_id", "class_session", ["room_id"], unique=False)
    op.create_index("ix_class_session_starts_at", "class_session", ["starts_at"], unique=False)
    op.create_index(
        "ix_class_session_ward_id_starts_at", "class_session", ["ward_id", "starts_at"], unique=False
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="offered", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "during",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(starts_at, ends_at, '[)')", persisted=True),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(trainer_id, trainer_id, '[]')"), "&&"),
            (sa.column("during"), "&&"),
            where=sa.text("state IN ('offered', 'accepted')"),
            using="gist",
            name="ex_assignment_helper_once",
        ),
        sa.CheckConstraint("role IN ('trainer', 'helper')", name=op.f("ck_assignment_role")),
        sa.CheckConstraint(
            "state <> 'declined' OR reason <> ''", name=op.f("ck_assignment_decline_has_reason")
        ),
        sa.CheckConstraint(
            "state = 'offered' OR answered_at IS NOT NULL", name=op.f("ck_assignment_answer_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'withdrawn', 'replaced', 'no_show')",
            name=op.f("ck_assignment_state"),
        ),
        sa.ForeignKeyConstraint(
            ["offered_by"], ["app_user.id"], name=op.f("fk_assignment_offered_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "starts_at", "ends_at"],
            ["class_session.id", "class_session.starts_at", "class_session.ends_at"],
            name="fk_assignment_session_time",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_assignment_trainer_id_trainer")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_assignment_ward_id_session_id_class_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_session_id", "assignment", ["session_id"], unique=False)
    op.create_index(
        "ix_assignment_trainer_id_starts_at", "assignment", ["trainer_id", "starts_at"], unique=False
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_ward_id", sa.String(length=5), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_enrolment_cancelled_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('enrolled', 'waitlisted', 'cancelled')", name=op.f("ck_enrolment_state")
        ),
        sa.ForeignKeyConstraint(
            ["enrolled_by"], ["app_user.id"], name=op.f("fk_enrolment_enrolled_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["learner_ward_id", "learner_id"],
            ["learner.ward_id", "learner.id"],
            name=op.f("fk_enrolment_learner_ward_id_learner_id_learner"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_enrolment_ward_id_session_id_class_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("session_id", "learner_id", name=op.f("uq_enrolment_session_id_learner_id")),
    )
    op.create_index("ix_enrolment_learner_id", "enrolment", ["learner_id"], unique=False)
    op.create_index(
        "ix_enrolment_waiting",
        "enrolment",
        ["session_id", "queued_at"],
        unique=False,
        postgresql_where="state = 'waitlisted'",
    )

    op.execute("""
        CREATE FUNCTION lopso_original_start_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.original_start <> OLD.original_start THEN
                RAISE EXCEPTION 'original_start never changes' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER original_start_stays BEFORE UPDATE OF original_start ON class_session
        FOR EACH ROW EXECUTE FUNCTION lopso_original_start_stays()
    """)
    # Locks the session's row, so that two last seats taken at once meet the check one after the other.
    op.execute("""
        CREATE FUNCTION lopso_count_seats() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            before integer := 0;
            after integer := 0;
        BEGIN
            IF TG_OP <> 'INSERT' THEN before := (OLD.state = 'enrolled')::integer; END IF;
            IF TG_OP <> 'DELETE' THEN after := (NEW.state = 'enrolled')::integer; END IF;
            IF before <> after THEN
                UPDATE class_session SET seats_taken = seats_taken + after - before
                WHERE id = COALESCE(NEW.session_id, OLD.session_id);
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER count_seats AFTER INSERT OR UPDATE OF state OR DELETE ON enrolment
        FOR EACH ROW EXECUTE FUNCTION lopso_count_seats()
    """)
    op.execute("""
        CREATE FUNCTION lopso_forbid_delete() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% keeps its history', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER never_deleted BEFORE DELETE ON assignment
        FOR EACH ROW EXECUTE FUNCTION lopso_forbid_delete()
    """)


def downgrade() -> None:
    for function in ("lopso_count_seats", "lopso_original_start_stays", "lopso_forbid_delete"):
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.drop_table("enrolment")
    op.drop_table("assignment")
    op.drop_table("class_session")
    op.drop_table("series_slot")
    op.drop_table("course_skill")
    op.drop_table("series")
    op.drop_table("calendar_token")
    op.drop_table("holiday")
    op.drop_table("course")
