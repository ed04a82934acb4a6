"""Recipients of messages, as pages name them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from notifications.models import MessageRecipient
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class RecipientContact:
    """A learner or a helper whom a message is for; `phone` is the number they have now."""

    name: str
    ward_id: str
    learner_id: int | None
    trainer_id: int | None
    phone: str | None

    @property
    def edit_path(self) -> str:
        """The page on which their data are corrected."""
        if self.learner_id is not None:
            return f"/nguoi-hoc/{self.ward_id}/{self.learner_id}/sua"
        return f"/nguoi-day/{self.ward_id}/{self.trainer_id}/sua"


async def recipients_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[RecipientContact]]:
    """The recipients of each message, by given name; one statement."""
    rows = await db.execute(
        select(
            MessageRecipient.message_id,
            func.coalesce(Learner.full_name, Trainer.full_name),
            func.coalesce(Learner.ward_id, Trainer.ward_id),
            MessageRecipient.learner_id,
            MessageRecipient.trainer_id,
            func.coalesce(Learner.phone, Trainer.phone),
        )
        .outerjoin(Learner, Learner.id == MessageRecipient.learner_id)
        .outerjoin(Trainer, Trainer.id == MessageRecipient.trainer_id)
        .where(MessageRecipient.message_id.in_(message_ids))
        .order_by(func.coalesce(Learner.sort_key, Trainer.sort_key), MessageRecipient.id)
    )
    found: dict[int, list[RecipientContact]] = {}
    for message_id, name, ward_id, learner_id, trainer_id, phone in rows:
        contact = RecipientContact(name, ward_id, learner_id, trainer_id, phone)
        found.setdefault(message_id, []).append(contact)
    return found
