"""The test phones of the sandbox gateway."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.models import SandboxText
from learners.models import Learner
from lopso.kernel.paging import Page, offset
from lopso.kernel.search import people_query
from notifications.models import Message, MessageRecipient
from notifications.queries.message_recipients import RecipientContact, recipients_of
from trainers.models import Trainer

PHONES = 12  # a page
_LATEST = 8  # texts of each


@dataclass(frozen=True, slots=True)
class SandboxPhone:
    """A number, whom its texts speak of, its latest texts (newest first), and how many there are."""

    number: str
    names: Sequence[str]
    texts: Sequence[SandboxText]
    total: int


async def sandbox_phones(
    db: AsyncSession, *, wards: Collection[str] | None, typed: str = "", number: int = 1
) -> Page[SandboxPhone]:
    """Phones by their newest text; four statements.

    Args:
        wards: only texts of these wards; None: of all.
        typed: a name or a number to look for.
    """
    seen = SandboxText.reference == Message.reference
    where: list[ColumnElement[bool]] = [true() if wards is None else Message.ward_id.in_(wards)]
    if typed:
        query = people_query(typed, wards=None)
        if query is None:
            return Page((), 1, 0, PHONES)
        asked = func.to_tsquery("simple", query)
        where.append(
            Message.id.in_(
                select(MessageRecipient.message_id).where(
                    or_(
                        MessageRecipient.learner_id.in_(
                            select(Learner.id).where(Learner.search.op("@@")(asked))
                        ),
                        MessageRecipient.trainer_id.in_(
                            select(Trainer.id).where(Trainer.search.op("@@")(asked))
                        ),
                    )
                )
            )
        )
    phones = (
        select(SandboxText.to_phone, func.max(SandboxText.at).label("latest"), func.count().label("total"))
        .join(Message, seen)
        .where(*where)
        .group_by(SandboxText.to_phone)
    )
    total = await db.scalar(select(func.count()).select_from(phones.subquery())) or 0
    page = (
        await db.execute(
            phones.order_by(func.max(SandboxText.at).desc(), SandboxText.to_phone)
            .limit(PHONES)
            .offset(offset(number, PHONES))
        )
    ).all()
    rank = func.row_number().over(
        partition_by=SandboxText.to_phone, order_by=(SandboxText.at.desc(), SandboxText.id.desc())
    )
    ranked = (
        select(SandboxText.id, Message.id.label("message_id"), rank.label("place"))
        .join(Message, seen)
        .where(SandboxText.to_phone.in_([row.to_phone for row in page]), *where)
        .subquery()
    )
    texts = (
        await db.execute(
            select(SandboxText, ranked.c.message_id)
            .join(ranked, ranked.c.id == SandboxText.id)
            .where(ranked.c.place <= _LATEST)
            .order_by(ranked.c.place)
        )
    ).all()
    people = await recipients_of(db, [message_id for _text, message_id in texts])
    return Page(
        [
            SandboxPhone(
                row.to_phone,
                _names(
                    person
                    for text, message_id in texts
                    if text.to_phone == row.to_phone
                    for person in people.get(message_id, ())
                ),
                [text for text, _message_id in texts if text.to_phone == row.to_phone],
                row.total,
            )
            for row in page
        ],
        number,
        total,
        PHONES,
    )


def _names(people: Iterable[RecipientContact]) -> list[str]:
    """The name of each of these, once for each person."""
    found = {(person.learner_id, person.trainer_id): person.name for person in people}
    return list(found.values())
