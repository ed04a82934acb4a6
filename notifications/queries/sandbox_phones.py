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


@dataclass(frozen=True, slots=True)
class _Shown:
    """A text of the sandbox, and the message that it was."""

    text: SandboxText
    message_id: int


async def sandbox_phones(
    db: AsyncSession, *, wards: Collection[str] | None, typed: str = "", number: int = 1
) -> Page[SandboxPhone]:
    """Phones by their newest text; four statements.

    Args:
        wards: only texts of these wards; None: of all.
        typed: a name or a number to look for.
    """
    where = _conditions(wards, typed)
    if where is None:
        return Page((), 1, 0, PHONES)
    phones = (
        select(SandboxText.to_phone, func.max(SandboxText.at).label("latest"), func.count().label("total"))
        .join(Message, _SAME_TEXT)
        .where(*where)
        .group_by(SandboxText.to_phone)
    )
    total = await db.scalar(select(func.count()).select_from(phones.subquery())) or 0
    newest_first = phones.order_by(func.max(SandboxText.at).desc(), SandboxText.to_phone)
    rows = (await db.execute(newest_first.limit(PHONES).offset(offset(number, PHONES)))).all()
    shown = await _latest_texts(db, [row.to_phone for row in rows], where)
    people = await recipients_of(db, [each.message_id for texts in shown.values() for each in texts])
    found = [
        SandboxPhone(
            row.to_phone,
            _names(person for each in shown[row.to_phone] for person in people.get(each.message_id, ())),
            [each.text for each in shown[row.to_phone]],
            row.total,
        )
        for row in rows
    ]
    return Page(found, number, total, PHONES)


_SAME_TEXT = SandboxText.reference == Message.reference


def _conditions(wards: Collection[str] | None, typed: str) -> list[ColumnElement[bool]] | None:
    """Conditions on `Message`; None: what was typed can be nobody's name or number."""
    of_wards: ColumnElement[bool] = true() if wards is None else Message.ward_id.in_(wards)
    if not typed:
        return [of_wards]
    query = people_query(typed, wards=None)
    if query is None:
        return None
    wanted = func.to_tsquery("simple", query)
    learners = select(Learner.id).where(Learner.search.op("@@")(wanted))
    trainers = select(Trainer.id).where(Trainer.search.op("@@")(wanted))
    naming = select(MessageRecipient.message_id).where(
        or_(MessageRecipient.learner_id.in_(learners), MessageRecipient.trainer_id.in_(trainers))
    )
    return [of_wards, Message.id.in_(naming)]


async def _latest_texts(
    db: AsyncSession, phones: Sequence[str], where: Sequence[ColumnElement[bool]]
) -> dict[str, list[_Shown]]:
    """By phone the latest texts, newest first; one statement."""
    rank = func.row_number().over(
        partition_by=SandboxText.to_phone, order_by=(SandboxText.at.desc(), SandboxText.id.desc())
    )
    ranked = (
        select(SandboxText.id, Message.id.label("message_id"), rank.label("place"))
        .join(Message, _SAME_TEXT)
        .where(SandboxText.to_phone.in_(phones), *where)
        .subquery()
    )
    rows = await db.execute(
        select(SandboxText, ranked.c.message_id)
        .join(ranked, ranked.c.id == SandboxText.id)
        .where(ranked.c.place <= _LATEST)
        .order_by(ranked.c.place)
    )
    found: dict[str, list[_Shown]] = {phone: [] for phone in phones}
    for text, message_id in rows:
        found[text.to_phone].append(_Shown(text, message_id))
    return found


def _names(people: Iterable[RecipientContact]) -> list[str]:
    """The name of each of these, once for each person."""
    found = {(person.learner_id, person.trainer_id): person.name for person in people}
    return list(found.values())
