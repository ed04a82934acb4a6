"""What learners themselves say on their own page about texts to their number and mails to their address."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.errors import NoAddress, NoMobile
from learner_portal.queries.preferences import LEARNER_TOPICS
from learners.models import Learner
from learners.queries import consents_of
from learners.service.consents import answer_consents
from lopso.kernel.access import Actor
from notifications.service.opt_outs import opt_in, opt_out


async def stop_texts(
    db: AsyncSession, learner: Learner, *, everything: bool, by: Actor, now: datetime
) -> None:
    """No reminders to this learner's number, or nothing that learners get. Does not commit.

    It holds for the number: for all of the family who use it. What a helper on the same number is sent stays.

    Raises:
        NoMobile: there is no number that could get a text.
    """
    phone = _mobile_number(learner)
    for topic in LEARNER_TOPICS if everything else ("reminders",):
        await opt_out(db, phone, topic, how="page", ward_id=learner.ward_id, by=by, now=now)


async def resume_texts(db: AsyncSession, learner: Learner, *, by: Actor, now: datetime) -> None:
    """All that learners get, again; a consent taken back is given anew. Does not commit.

    Raises:
        NoMobile: there is no number that could get a text.
    """
    phone = _mobile_number(learner)
    for topic in LEARNER_TOPICS:
        await opt_in(db, phone, topic, by=by, now=now)
    if (await consents_of(db, learner.id)).get("sms") is False:
        await answer_consents(db, learner.ward_id, learner.id, {"sms": True}, how="page", by=by, now=now)


async def set_mail_invitations(
    db: AsyncSession, learner: Learner, *, wanted: bool, by: Actor, now: datetime
) -> None:
    """Mails with calendar invitations for this learner's classes, or none any more. Does not commit.

    Raises:
        NoAddress: there is no address that could get a mail.
    """
    if learner.email is None:
        raise NoAddress
    await answer_consents(db, learner.ward_id, learner.id, {"invitation": wanted}, how="page", by=by, now=now)


def _mobile_number(learner: Learner) -> str:
    if learner.phone is None or learner.phone_kind != "mobile":
        raise NoMobile
    return learner.phone
