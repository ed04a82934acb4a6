"""Calendar invitations by mail: the ledger of mails, and the subscriptions of staff."""

import uuid

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, WardId

MAIL_STATES = ("planned", "claimed", "sending", "sent", "failed", "expired", "withdrawn")
"""planned → claimed → sending → sent | failed; or never sent: expired, withdrawn. Back to planned when the
server said "later", when a worker was lost, and when the server could not be reached at all."""

MAIL_PURPOSES = ("invitation", "change", "cancellation")

_ONE_PERSON = "num_nonnulls(trainer_id, learner_id, user_id) = 1"


class Mail(Base):
    """One mail to one person, with the appointments it invites to, changes or takes back.

    What it says is written when it goes, from what then holds. The Message-ID is made once, from
    `reference`, and stays through every attempt: a mailbox that got one of them shows one mail.
    `uncertain`: the answer to some attempt was lost, so that the mail may have arrived. `error_code` is
    what the server last said, a reply code such as "550 5.1.1" or a short word.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint(_ONE_PERSON, name="one_person"),
        CheckConstraint(f"state IN {MAIL_STATES}", name="state"),
        CheckConstraint(f"purpose IN {MAIL_PURPOSES}", name="purpose"),
        CheckConstraint("(state IN ('claimed', 'sending')) = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        UniqueConstraint("reference"),
        Index("ix_mail_due", "due_at", "id", postgresql_where=text("state = 'planned'")),
        Index("ix_mail_lease", "lease_until", postgresql_where=text("state IN ('claimed', 'sending')")),
        Index("ix_mail_open_trainer", "trainer_id", postgresql_where=text("state = 'planned'")),
        Index("ix_mail_open_learner", "learner_id", postgresql_where=text("state = 'planned'")),
        Index("ix_mail_open_user", "user_id", postgresql_where=text("state = 'planned'")),
        Index("ix_mail_ward_id_due_at", "ward_id", "due_at"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("trainer.id"))
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learner.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    to_address: Mapped[str]
    purpose: Mapped[str]
    reference: Mapped[uuid.UUID] = mapped_column(Uuid)
    message_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="planned")
    state_reason: Mapped[str] = mapped_column(server_default="")
    error_code: Mapped[str | None]
    due_at: Mapped[Instant]
    useless_after: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    uncertain: Mapped[bool] = mapped_column(server_default="false")
    lease_until: Mapped[Instant | None]
    tried_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]


class MailInvite(Base):
    """An appointment in a mail; `sequence` and `session_version` as the last attempt told them."""

    __tablename__ = "mail_invite"
    __table_args__ = (Index("ix_mail_invite_invite_id", "invite_id"),)

    mail_id: Mapped[int] = mapped_column(ForeignKey("mail.id"), primary_key=True)
    invite_id: Mapped[int] = mapped_column(ForeignKey("invite.id"), primary_key=True)
    sequence: Mapped[int | None]
    session_version: Mapped[int | None]


class CalendarSubscription(Base):
    """A staff member gets a ward's sessions into their own calendar by mail. Ended, never deleted."""

    __tablename__ = "calendar_wish"
    __table_args__ = (
        Index(
            "uq_calendar_wish_standing",
            "user_id",
            "ward_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_calendar_wish_ward_id", "ward_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    since: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class SandboxMail(Base):
    """A mail as it would have left, on the page of the test mailbox.

    `asked` counts how often it was handed over: a mailbox, too, would show one. `mail_id` is null for a mail
    about an account, which is no row of the ledger.
    """

    __tablename__ = "sandbox_mail"
    __table_args__ = (UniqueConstraint("message_id"), Index("ix_sandbox_mail_at", "at"))

    id: Mapped[Id]
    message_id: Mapped[str]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id"))
    to_address: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[Instant]
    asked: Mapped[int] = mapped_column(SmallInteger, server_default="1")
