"""Changes that learners make on their own page to texts and mails."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.errors import NoAddress, NoMobile
from learner_portal.queries.preferences import LEARNER_TOPICS
from learners.models import Learner
from learners.queries.consents import consents_of
from learners.service.consents import answer_consents
from lopso.kernel.access import Actor
from notifications.service.opt_outs import opt_in, opt_out


async def stop_texts(
    db: AsyncSession, learner: Learner, *, everything: bool, by: Actor, now: datetime
) -> None:
    """Opt this learner's number out of reminders, or of all texts to learners. Does not commit.

    It holds for the number, so for everybody in the family who uses it; texts to a helper with the same
    number are not affected.

    Raises:
        NoMobile: the learner has no mobile number.
    """
    phone = _mobile_number(learner)
    for topic in LEARNER_TOPICS if everything else ("reminders",):
        await opt_out(db, phone, topic, how="page", ward_id=learner.ward_id, by=by, now=now)


async def resume_texts(db: AsyncSession, learner: Learner, *, by: Actor, now: datetime) -> None:
    """End all opt-outs of texts to learners; a withdrawn consent is given again. Does not commit.

    Raises:
        NoMobile: the learner has no mobile number.
    """
    phone = _mobile_number(learner)
    for topic in LEARNER_TOPICS:
        await opt_in(db, phone, topic, by=by, now=now)
    if (await consents_of(db, learner.id)).get("sms") is False:
        await answer_consents(db, learner.ward_id, learner.id, {"sms": True}, how="page", by=by, now=now)


async def set_mail_invitations(
    db: AsyncSession, learner: Learner, *, wanted: bool, by: Actor, now: datetime
) -> None:
    """Consent to calendar invitations by mail, or withdraw it. Does not commit.

    Raises:
        NoAddress: the learner has no e-mail address.
    """
    if learner.email is None:
        raise NoAddress
    await answer_consents(db, learner.ward_id, learner.id, {"invitation": wanted}, how="page", by=by, now=now)


def _mobile_number(learner: Learner) -> str:
    if learner.phone is None or learner.phone_kind != "mobile":
        raise NoMobile
    return learner.phone
