"""The ledger: every message that was planned, its outcome, and whom it names."""

import uuid
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, Price, WardId
from wordings.models import MESSAGE_CLASSES

MESSAGE_STATES = (
    "planned",
    "claimed",
    "sending",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "ambiguous",
    "expired",
    "withdrawn",
    "suppressed",
)
"""planned → claimed → sending → sent → delivered | undelivered; failed, ambiguous; or never sent:
expired, withdrawn, suppressed. Only forward; a claim that ran out before sending goes back to planned."""


RESOLUTIONS = ("", "called", "met", "sent_again", "not_needed")
"""How somebody took care of a message that may not have arrived."""


class Message(Base):
    """One text message to one number for one purpose. It is sent once by the unique key and the states.

    `due_at` is when it may be sent, `useless_after` when it must not any more; where a retry postponed
    `due_at`, `first_due_at` keeps what was planned. A worker claims due rows with a lease, commits
    `sending` with our own `reference` before it calls the provider, and records the outcome after. A
    row found in `sending` with its lease expired has an unknown outcome: it becomes `ambiguous` and is
    not sent again without asking. `attempts` grows with every `sending`, so that an outcome is only
    believed for the attempt it belongs to; `tried_at` is when that attempt began, `asked_at` when the
    provider was last asked for its outcome.

    `body` is what is sent, `body_accented` the same words with accents, for pages. `urgent` messages
    (moved, cancelled) are sent before all others. `moved_from` is, in a move notice, the start that its
    reader still expects. `price` is in đồng.

    Most messages speak of a session; a notice of several sessions belongs to the first of them, the
    others are its `MessageSession` rows. One that does not (a sign-off, a certificate) has no
    `session_id`; then `about` names its subject, such as ``certificate:17``. A resend is a new row, its
    `repeat` one higher. A held message (`held_at`) stays planned and is not sent. `resolved_at` says
    that somebody took care of a delivery problem, and `resolution` how.
    """

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        # What was withdrawn before it was sent may be planned anew.
        Index(
            "uq_message_once",
            "purpose",
            "to_phone",
            "session_id",
            "session_version",
            "about",
            "repeat",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'suppressed')"),
            postgresql_nulls_not_distinct=True,
        ),
        UniqueConstraint("reference"),
        CheckConstraint(f"state IN {MESSAGE_STATES}", name="state"),
        CheckConstraint(f"message_class IN {MESSAGE_CLASSES}", name="message_class"),
        CheckConstraint("channel = 'sms'", name="channel"),
        CheckConstraint(r"to_phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint("encoding IN ('gsm7', 'ucs2')", name="encoding"),
        CheckConstraint("segments BETWEEN 1 AND 10", name="segments"),
        CheckConstraint(
            "useless_after > due_at OR state IN ('expired', 'withdrawn', 'suppressed')", name="useful"
        ),
        CheckConstraint("(state IN ('claimed', 'sending')) = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        CheckConstraint("(session_id IS NULL) = (about <> '')", name="one_subject"),
        CheckConstraint("repeat BETWEEN 0 AND 9", name="repeat"),
        CheckConstraint(
            "held_at IS NULL OR state IN ('planned', 'expired', 'withdrawn', 'suppressed')", name="held"
        ),
        CheckConstraint("(resolved_at IS NULL) = (resolution = '')", name="resolved_somehow"),
        CheckConstraint(f"resolution IN {RESOLUTIONS}", name="resolution"),
        Index(
            "ix_message_due",
            "urgent",
            "message_class",
            "due_at",
            "id",
            postgresql_where=text("state = 'planned' AND held_at IS NULL"),
        ),
        Index("ix_message_useless_after", "useless_after", postgresql_where=text("state = 'planned'")),
        Index("ix_message_lease", "lease_until", postgresql_where=text("state IN ('claimed', 'sending')")),
        Index("ix_message_ambiguous", "tried_at", postgresql_where=text("state = 'ambiguous'")),
        Index("ix_message_unconfirmed", "provider", "sent_at", "id", postgresql_where=text("state = 'sent'")),
        Index("ix_message_session_id", "session_id"),
        Index("ix_message_about", "about", postgresql_where=text("about <> ''")),
        # With these two a ward's month is counted from the index alone.
        Index(
            "ix_message_ward_id_first_due",
            "ward_id",
            text("coalesce(first_due_at, due_at)"),
            # The two times again: an index is read alone only where it holds the columns themselves.
            postgresql_include=["state", "sent_at", "due_at", "first_due_at"],
        ),
        Index(
            "ix_message_trouble",
            "ward_id",
            "due_at",
            postgresql_where=text(
                "state IN ('failed', 'undelivered', 'ambiguous', 'expired', 'suppressed')"
                " AND resolved_at IS NULL"
            ),
        ),
        Index("ix_message_to_phone_due_at", "to_phone", "due_at"),
        Index("ix_message_provider_id", "provider_id", postgresql_where=text("provider_id IS NOT NULL")),
        Index(
            "ix_message_template_id_due_at",
            "template_id",
            "due_at",
            postgresql_where=text("sent_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    session_id: Mapped[int | None]
    session_version: Mapped[int]  # 0 where there is no session
    about: Mapped[str] = mapped_column(server_default="")
    repeat: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    purpose: Mapped[str]
    message_class: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="sms")
    to_phone: Mapped[str]
    template_id: Mapped[int] = mapped_column(ForeignKey("message_template.id"))
    body: Mapped[str]
    body_accented: Mapped[str]
    encoding: Mapped[str]
    segments: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[Instant]
    first_due_at: Mapped[Instant | None]  # None: no retry has moved due_at
    useless_after: Mapped[Instant]
    urgent: Mapped[bool] = mapped_column(server_default="false")
    moved_from: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(server_default="planned")
    state_reason: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    reference: Mapped[uuid.UUID] = mapped_column(Uuid)
    lease_until: Mapped[Instant | None]
    tried_at: Mapped[Instant | None]
    asked_at: Mapped[Instant | None]
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]
    error_code: Mapped[str | None]
    price: Mapped[Price | None]
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    held_at: Mapped[Instant | None]
    held_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    resolved_at: Mapped[Instant | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    resolution: Mapped[str] = mapped_column(server_default="")


class MessageSession(Base):
    """A further session that a message speaks of, besides the one it belongs to, at its version then.

    `moved_from`: in a move notice, the start that the reader still expects.
    """

    __tablename__ = "message_also"
    __table_args__ = (Index("ix_message_also_session_id", "session_id"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("class_session.id"), primary_key=True)
    session_version: Mapped[int]
    moved_from: Mapped[Instant | None]


class MessageRecipient(Base):
    """A person a message speaks of: several learners may share one phone, and so one text."""

    __tablename__ = "message_recipient"
    __table_args__ = (
        CheckConstraint("(learner_id IS NULL) <> (trainer_id IS NULL)", name="one_person"),
        UniqueConstraint("message_id", "learner_id", "trainer_id", postgresql_nulls_not_distinct=True),
        Index("ix_message_recipient_learner_id", "learner_id"),
        Index("ix_message_recipient_trainer_id", "trainer_id"),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learner.id"))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("trainer.id"))


class DeliveryEvent(Base):
    """What happened to a message, step by step; append-only. `detail` holds codes, never message text."""

    __tablename__ = "delivery_event"
    __table_args__ = (
        CheckConstraint(f"state IN {MESSAGE_STATES}", name="state"),
        Index("ix_delivery_event_message_id", "message_id", "id"),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    at: Mapped[Instant]
    state: Mapped[str]
    detail: Mapped[dict[str, Any]]
