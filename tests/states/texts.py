"""Texts, mails and wordings in every state."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import Certificate
from invitations.models import MAIL_PURPOSES, MAIL_STATES, Invite, MailInvite
from learners.models import Learner
from notifications.models import MESSAGE_STATES, DeliveryEvent, Message, MessageRecipient
from notifications.models.message import RESOLUTIONS
from scheduling.models import ClassSession
from tests.factories import NOON
from tests.mails import add_mail, put_into_mailbox
from tests.states.objects import WARD, Objects
from trainers.models import Trainer
from wordings.models import MessageTemplate

HOUR = timedelta(hours=1)


async def add_texts(
    db: AsyncSession,
    objects: Objects,
    session: ClassSession,
    learners: list[Learner],
    helper: Trainer,
    certificate: Certificate,
) -> None:
    """Texts about a session in every state, resolved, held, repeated, to helpers, about a certificate."""
    templates = (await db.scalars(select(MessageTemplate).order_by(MessageTemplate.id))).all()
    for template in templates:
        objects.add("wording", template.code, code=template.code) if template.language == "vi" else None
    about = {"session_id": None, "session_version": 0, "about": f"certificate:{certificate.id}"}
    variants: dict[str, dict[str, Any]] = {state: {"state": state} for state in MESSAGE_STATES}
    variants |= {f"resolved {each}": _failed(each) for each in RESOLUTIONS if each}
    variants |= {
        "held": {"held_at": NOON},
        "held and expired": {"held_at": NOON, "state": "expired"},
        "late": {"due_at": NOON - HOUR},
        "retried": {"first_due_at": NOON - HOUR, "attempts": 2},
        "moved": {"moved_from": NOON, "urgent": True, "purpose": "session_moved"},
        "about a certificate": about | {"purpose": "certificate"},
        "about a certificate, failed": about | {"purpose": "certificate", "state": "failed", "repeat": 1},
        "of an unknown purpose": {"purpose": "something_old"},
        "with a strange error": {
            "state": "failed",
            "error_code": "99999",
            "state_reason": "of a later release",
        },
        "failed at a number of before": {"state": "failed", "purpose": "reminder_same_day"},
        "failed at a number before that": {"state": "failed", "purpose": "reminder_same_day"},
        "long": {"encoding": "ucs2", "segments": 3, "price": 1500},
    }
    for number, (state, columns) in enumerate(variants.items()):
        people = learners[: 2 if state == "long" else 1]
        message = await _text(db, session, templates[number % len(templates)], number, columns)
        await _recipients(db, message, people, None)
        objects.add("text", state, message_id=message.id)
    message = await _text(db, session, templates[0], 900, {})
    await _recipients(db, message, [], helper)
    objects.add("text", "to a helper", message_id=message.id)


def _failed(resolution: str) -> dict[str, Any]:
    return {"state": "undelivered", "resolved_at": NOON, "resolution": resolution, "error_code": "30003"}


async def _text(
    db: AsyncSession, session: ClassSession, template: MessageTemplate, number: int, columns: dict[str, Any]
) -> Message:
    state = columns.get("state", "planned")
    values: dict[str, Any] = {
        "ward_id": WARD,
        "session_id": session.id,
        "session_version": session.version,
        "purpose": template.purpose,
        "message_class": template.message_class,
        "to_phone": f"+8498765{number:04}",
        "template_id": template.id,
        "body": "Moi den lop.",
        "body_accented": "Mời đến lớp.",
        "encoding": "gsm7",
        "segments": 1,
        "due_at": NOON + HOUR,
        "useless_after": NOON + 9 * HOUR,
        "reference": uuid4(),
        "created_at": NOON - HOUR,
    }
    if state in ("claimed", "sending"):
        values["lease_until"] = NOON + HOUR
    if state in ("sent", "delivered", "undelivered"):
        values |= {"sent_at": NOON, "provider": "sandbox", "provider_id": f"x{number}"}
    if state in ("delivered", "undelivered", "failed", "expired", "withdrawn", "suppressed"):
        values["finished_at"] = NOON
    message = Message(**values | columns)
    db.add(message)
    await db.flush()
    for each in dict.fromkeys(("planned", state)):
        db.add(DeliveryEvent(message_id=message.id, at=NOON, state=each, detail={}))
    return message


async def _recipients(
    db: AsyncSession, message: Message, learners: list[Learner], helper: Trainer | None
) -> None:
    db.add_all(MessageRecipient(message_id=message.id, learner_id=each.id) for each in learners)
    if helper is not None:
        db.add(MessageRecipient(message_id=message.id, trainer_id=helper.id))
    await db.flush()


async def add_mails(db: AsyncSession, objects: Objects, session: ClassSession, helper: Trainer) -> None:
    """Mails of every state and purpose; one of them lies in the test mailbox, with an attachment."""
    invite = Invite(
        ward_id=WARD,
        session_id=session.id,
        trainer_id=helper.id,
        uid=str(uuid4()),
        sequence=0,
        state="invited",
        session_version=session.version,
        to_address="an@example.org",
        changed_at=NOON,
    )
    db.add(invite)
    await db.flush()
    for state in MAIL_STATES:
        for purpose in MAIL_PURPOSES:
            mail = await add_mail(db, helper, state=state, purpose=purpose)
            db.add(MailInvite(mail_id=mail.id, invite_id=invite.id))
            objects.add("mail", f"{purpose} {state}", mail_id=mail.id)
            if (state, purpose) == ("sent", "invitation"):
                put_into_mailbox(db, mail)
                objects.add("mailbox", "with an attachment", mail_id=mail.id, number=1)
                objects.add("mailbox", "beyond the last attachment", mail_id=mail.id, number=9)
    await db.flush()
