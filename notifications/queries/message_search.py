"""Search for messages by name or phone number."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from learners.models import Learner
from lopso.kernel.paging import Page
from lopso.kernel.phone import read_phone
from lopso.kernel.search import people_query
from notifications.models import Message, MessageRecipient
from notifications.queries.message_rows import MessageRow, page_of
from trainers.models import Trainer

MOST_FOUND = 500
"""The most texts a search shows; who looks for an older one knows its day."""

MOST_PEOPLE = 200
"""The most people a search by name looks at: with more, it is no name yet."""

_COLUMNS = (Message.id, Message.due_at, Message.ward_id)


async def search_page(db: AsyncSession, ward_id: str, typed: str, *, number: int = 1) -> Page[MessageRow]:
    """Messages of a ward to people with this name or number: the newest `MOST_FOUND`; four statements.

    Learners are those of the ward, helpers those of the city, at most `MOST_PEOPLE` of each. A complete
    number also finds messages sent to it while it belonged to somebody else or before it was corrected.
    """
    learners, helpers = people_query(typed, wards={ward_id}), people_query(typed, wards=None)
    if learners is None or helpers is None:
        return Page((), 1, 0)
    here = [ward_id]
    found = [
        _recent(_messages_to(MessageRecipient.learner_id, Learner.id, Learner.search, learners), here),
        _recent(_messages_to(MessageRecipient.trainer_id, Trainer.id, Trainer.search, helpers), here),
    ]
    whole = complete_phone(typed)
    if whole is not None:
        found.append(_recent(select(*_COLUMNS).where(Message.to_phone == whole), here))
    return await _page(db, union(*(select(each.subquery()) for each in found)).subquery(), number)


async def phone_page(
    db: AsyncSession, phone: str, *, wards: Collection[str] | None, number: int = 1
) -> Page[MessageRow]:
    """The newest `MOST_FOUND` messages to a number (E.164) in these wards (None: all); four statements."""
    texts = _recent(select(*_COLUMNS).where(Message.to_phone == phone), wards)
    return await _page(db, texts.subquery(), number)


def complete_phone(typed: str) -> str | None:
    """The number (E.164) when a whole one was typed, in whatever form."""
    reading = read_phone(typed) if any(char.isdigit() for char in typed) else None
    return reading.e164 if reading is not None and reading.remark is None else None


def _messages_to(
    reader: InstrumentedAttribute[int | None],
    person: InstrumentedAttribute[int],
    search: InstrumentedAttribute[Any],
    query: str,
) -> Select[int, datetime, str]:
    asked = func.to_tsquery("simple", query)
    people = select(person).where(search.op("@@")(asked)).order_by(person).limit(MOST_PEOPLE)
    return (
        select(*_COLUMNS)
        .join(MessageRecipient, MessageRecipient.message_id == Message.id)
        .where(reader.in_(people))
    )


def _recent(texts: Select[int, datetime, str], wards: Collection[str] | None) -> Select[int, datetime]:
    # OFFSET keeps the ward out of the search for the texts: its index would have the whole ledger read.
    all_of_them = texts.offset(0).subquery()
    found = select(all_of_them.c.id, all_of_them.c.due_at)
    if wards is not None:
        found = found.where(all_of_them.c.ward_id.in_(wards))
    return found.order_by(all_of_them.c.due_at.desc(), all_of_them.c.id.desc()).limit(MOST_FOUND)


async def _page(db: AsyncSession, found: Subquery, number: int) -> Page[MessageRow]:
    newest = select(found.c.id).order_by(found.c.due_at.desc(), found.c.id.desc()).limit(MOST_FOUND)
    return await page_of(
        db,
        [Message.id.in_(newest)],
        order=(Message.due_at.desc(), Message.id.desc()),
        number=number,
    )
