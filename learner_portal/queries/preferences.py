"""Which texts and mails a learner gets, as their own page shows it."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from learners.queries.consents import consents_of
from notifications.queries.opt_outs import active_opt_outs

LEARNER_TOPICS = ("reminders", "changes", "results")
"""Topics of texts to learners; "duties" are for helpers, who may have the same number."""

Stopped = Literal["", "reminders", "all"]


@dataclass(frozen=True, slots=True)
class TextPreferences:
    """Which texts a learner's number gets.

    Attributes:
        stopped: "" for nothing, "reminders", or "all" texts to learners.
        shared: other learners of the ward have the same number; who is not shown.
    """

    phone: str | None
    mobile: bool
    stopped: Stopped
    shared: bool


@dataclass(frozen=True, slots=True)
class MailPreferences:
    """Whether a learner gets calendar invitations by mail, and at which address, masked but for its ends."""

    address: str
    wanted: bool


async def text_preferences(db: AsyncSession, learner: Learner) -> TextPreferences:
    """Which texts a learner's number gets; three statements where it is a mobile, else none."""
    if learner.phone is None or learner.phone_kind != "mobile":
        return TextPreferences(learner.phone, mobile=False, stopped="", shared=False)
    refused = {each.topic for each in await active_opt_outs(db, learner.phone)}
    agreed = (await consents_of(db, learner.id)).get("sms")
    others = select(Learner.id).where(
        Learner.ward_id == learner.ward_id,
        Learner.phone == learner.phone,
        Learner.id != learner.id,
        Learner.archived_at.is_(None),
    )
    stopped: Stopped = ""
    if agreed is False or None in refused or {"reminders", "changes"} <= refused:
        stopped = "all"
    elif "reminders" in refused:
        stopped = "reminders"
    shared = await db.scalar(others.limit(1)) is not None
    return TextPreferences(learner.phone, mobile=True, stopped=stopped, shared=shared)


async def mail_preferences(db: AsyncSession, learner: Learner) -> MailPreferences | None:
    """Consent of a learner with an address to invitations by mail; one statement there, else none."""
    if learner.email is None:
        return None
    name, _at, domain = learner.email.rpartition("@")
    agreed = (await consents_of(db, learner.id)).get("invitation") is True
    return MailPreferences(f"{name[:1]}•••@{domain}", agreed)
