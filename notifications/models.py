"""The message ledger: every text that was planned, what became of it, and for whom it was."""

import uuid
from datetime import time
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

MESSAGE_CLASSES = ("service", "operations", "promo")


class MessageTemplate(Base):
    """A wording as registered with the operators: closed list of places, plainly substituted.

    `body` is the unaccented form that is sent, `body_accented` the form people read on pages.
    """

    __tablename__ = "message_template"
    __table_args__ = (
        UniqueConstraint("code", "language", "version"),
        CheckConstraint(f"message_class IN {MESSAGE_CLASSES}", name="message_class"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        Index(
            "uq_message_template_current",
            "code",
            "language",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[int]
    message_class: Mapped[str]
    language: Mapped[str]
    body: Mapped[str]
    body_accented: Mapped[str]
    registered_id: Mapped[str | None]
    created_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]


class ReminderPolicy(Base):
    """When reminders go out: one row for the city (`ward_id` null), which a ward may override.

    Wall-clock times in Huế. `day_before_at` null or `hours_before` null switches that reminder off.
    """

    __tablename__ = "reminder_policy"
    __table_args__ = (
        UniqueConstraint("ward_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("hours_before BETWEEN 1 AND 23", name="hours_before"),
        CheckConstraint("quiet_until < quiet_from", name="waking_hours"),
        CheckConstraint("daily_cap BETWEEN 1 AND 50", name="daily_cap"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    day_before_at: Mapped[time | None]
    hours_before: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_until: Mapped[time]  # nothing before this hour
    quiet_from: Mapped[time]  # nothing after this hour
    daily_cap: Mapped[int] = mapped_column(SmallInteger)


class Message(Base):
    """One text to one number for one purpose. The promise "once" is the unique key plus the states.

    `due_at` is when it may go, `useless_after` when it must not any more. A worker claims due rows with
    a lease, commits `sending` with our own `reference` before it calls the provider, and records the
    outcome after. A row found in `sending` with its lease run out has an unknown outcome: it becomes
    `ambiguous` and is never sent again blindly. `attempts` grows with every `sending`, so that an outcome
    is only believed for the attempt it belongs to; `tried_at` is when that attempt began.

    `body` is what is sent, `body_accented` the same words as people read them on pages. `urgent` texts
    (moved, cancelled) go before all others. `moved_from` is, in a text about a move, the start that its
    reader still believes in. `price` is in đồng.
    """

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        # What was taken back before it went leaves its place to a text planned anew.
        Index(
            "uq_message_once",
            "purpose",
            "to_phone",
            "session_id",
            "session_version",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'suppressed')"),
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
        Index("ix_message_due", "urgent", "due_at", "id", postgresql_where=text("state = 'planned'")),
        Index("ix_message_lease", "lease_until", postgresql_where=text("state IN ('claimed', 'sending')")),
        Index("ix_message_ambiguous", "tried_at", postgresql_where=text("state = 'ambiguous'")),
        Index("ix_message_unconfirmed", "sent_at", postgresql_where=text("state = 'sent'")),
        Index("ix_message_session_id", "session_id"),
        Index("ix_message_ward_id_due_at", "ward_id", "due_at"),
        Index("ix_message_to_phone_due_at", "to_phone", "due_at"),
        Index("ix_message_provider_id", "provider_id"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    session_id: Mapped[int]
    session_version: Mapped[int]
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
    useless_after: Mapped[Instant]
    urgent: Mapped[bool] = mapped_column(server_default="false")
    moved_from: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(server_default="planned")
    state_reason: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    reference: Mapped[uuid.UUID] = mapped_column(Uuid)
    lease_until: Mapped[Instant | None]
    tried_at: Mapped[Instant | None]
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]
    error_code: Mapped[str | None]
    price: Mapped[Price | None]
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]


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
    """What happened to a message, step by step; append-only. `detail` holds codes, never a text."""

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


class SandboxText(Base):
    """A text that the sandbox gateway "delivered" to the page of test phones.

    `asked` counts how often the gateway was asked to send it: more than once would be a text sent twice.
    """

    __tablename__ = "sandbox_text"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_sandbox_text_to_phone_at", "to_phone", "at"),
    )

    id: Mapped[Id]
    reference: Mapped[uuid.UUID] = mapped_column(Uuid)
    to_phone: Mapped[str]
    body: Mapped[str]
    at: Mapped[Instant]
    asked: Mapped[int] = mapped_column(SmallInteger, server_default="1")
