"""Demonstrations, sign-offs with their evidence, the assessors' queue, certificates."""

import uuid
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competency.rules import LEVELS, REVOKE_KINDS
from lopso.kernel.db import Base, Id, Instant, WardId
from skills.models import Skill


class Demonstration(Base):
    """A skill seen in one attended session. Append-only: voided with a reason, never deleted.

    The foreign key to the mark makes it impossible without a present-type mark in that session.
    A correction of the mark afterwards flags the demonstration; it never deletes it.
    """

    __tablename__ = "demonstration"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        ForeignKeyConstraint(
            ["mark_id", "session_id", "learner_id", "mark_is_present"],
            [
                "attendance_mark.id",
                "attendance_mark.session_id",
                "attendance_mark.learner_id",
                "attendance_mark.is_present",
            ],
            name="fk_demonstration_present_mark",
        ),
        # What a sign-off points at: who was seen, in what, by whom.
        UniqueConstraint("id", "learner_id", "skill_id", "observed_by"),
        UniqueConstraint("client_id"),
        CheckConstraint("mark_is_present", name="learner_present"),
        CheckConstraint(f"level IN {LEVELS}", name="level"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided_with_reason"),
        Index(
            "uq_demonstration_standing",
            "session_id",
            "learner_id",
            "skill_id",
            unique=True,
            postgresql_where=text("voided_at IS NULL"),
        ),
        Index("ix_demonstration_learner_id", "learner_id"),
        Index("ix_demonstration_ward_id_recorded_at", "ward_id", "recorded_at"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    session_id: Mapped[int]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"))
    mark_id: Mapped[int]
    mark_is_present: Mapped[bool] = mapped_column(server_default="true")
    level: Mapped[str]
    observed_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    observed_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    rubric_version: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    voided_at: Mapped[Instant | None]
    voided_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    void_reason: Mapped[str | None]

    skill: Mapped[Skill] = relationship(lazy="raise", viewonly=True)


class SignOff(Base):
    """A second person's confirmation that a learner has a skill of an edition. Revoked, never deleted.

    `required` is the number of demonstrations the edition asked for when it was signed; a deferred
    trigger refuses a sign-off that rests on fewer.
    """

    __tablename__ = "sign_off"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "learner_id"], ["learner.ward_id", "learner.id"]),
        UniqueConstraint("id", "learner_id", "skill_id", "signed_by"),
        CheckConstraint(f"level IN {LEVELS}", name="level"),
        CheckConstraint("required >= 1", name="required"),
        CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_with_reason"),
        Index(
            "uq_sign_off_standing",
            "learner_id",
            "skill_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_sign_off_learner_id", "learner_id"),
        Index("ix_sign_off_ward_id_signed_at", "ward_id", "signed_at"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    learner_id: Mapped[int]
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"))
    level: Mapped[str]
    required: Mapped[int]
    signed_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    revoke_reason: Mapped[str | None]

    skill: Mapped[Skill] = relationship(lazy="raise", viewonly=True)


class SignOffEvidence(Base):
    """A demonstration that a sign-off rests on.

    The foreign keys tie learner and skill; the check keeps observer and signer apart.
    """

    __tablename__ = "sign_off_evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["sign_off_id", "learner_id", "skill_id", "signed_by"],
            ["sign_off.id", "sign_off.learner_id", "sign_off.skill_id", "sign_off.signed_by"],
            name="fk_sign_off_evidence_sign_off",
        ),
        ForeignKeyConstraint(
            ["demonstration_id", "learner_id", "skill_id", "observed_by"],
            [
                "demonstration.id",
                "demonstration.learner_id",
                "demonstration.skill_id",
                "demonstration.observed_by",
            ],
            name="fk_sign_off_evidence_demonstration",
        ),
        CheckConstraint("observed_by <> signed_by", name="two_people"),
        Index("ix_sign_off_evidence_demonstration_id", "demonstration_id"),
    )

    sign_off_id: Mapped[int] = mapped_column(primary_key=True)
    demonstration_id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int]
    skill_id: Mapped[int]
    observed_by: Mapped[int]
    signed_by: Mapped[int]


class AwaitingSignOff(Base):
    """A skill with enough demonstrations, waiting for an assessor. Derived: it can be rebuilt any time.

    Maintained by `competency.service.readiness` in the transaction of each change, so that the
    queue of a ward is read by an index however many demonstrations were ever made. `level` is the one that
    the demonstrations reach; it is above the standing sign-off's, if there is one. `ward_id` is the
    learner's.
    """

    __tablename__ = "awaiting_sign_off"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "learner_id"], ["learner.ward_id", "learner.id"]),
        CheckConstraint(f"level IN {LEVELS}", name="level"),
        Index("ix_awaiting_sign_off_ward_id_learner_id", "ward_id", "learner_id"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    ward_id: Mapped[WardId]
    level: Mapped[str]
    shown_at: Mapped[Instant]

    skill: Mapped[Skill] = relationship(lazy="raise", viewonly=True)


class Certificate(Base):
    """A printed snapshot of sign-offs: later changes to names or skills do not change it.

    `serial` is random and public: anybody may check it. `snapshot` holds what is printed. The check of a
    revoked one shows `revoke_kind`; `revoke_reason` is for the ward's own people.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "learner_id"], ["learner.ward_id", "learner.id"]),
        UniqueConstraint("serial"),
        CheckConstraint(
            "num_nulls(revoked_at, revoke_kind, revoke_reason) IN (0, 3)", name="revoked_with_reason"
        ),
        CheckConstraint(f"revoke_kind IN {REVOKE_KINDS}", name="revoke_kind"),
        Index("ix_certificate_serial", "serial", postgresql_ops={"serial": "text_pattern_ops"}),
        Index("ix_certificate_learner_id", "learner_id"),
        Index("ix_certificate_ward_id_issued_at", "ward_id", "issued_at"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    learner_id: Mapped[int]
    serial: Mapped[str]
    snapshot: Mapped[dict[str, Any]]
    issued_at: Mapped[Instant]
    issued_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    revoked_at: Mapped[Instant | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    revoke_kind: Mapped[str | None]
    revoke_reason: Mapped[str | None]
