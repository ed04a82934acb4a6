"""Texts of unknown fate: the provider is asked, and only what it never saw goes again.

This is where systems send twice. An attempt is asked about only when it is old enough for its call to have
ended and for the provider to list it; the answer counts only for that very attempt; a provider that cannot
be asked has not answered "no". A question that fails keeps no other from being asked.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from gateways.protocol import (
    CREDENTIALS,
    GatewayUnavailable,
    OutgoingText,
    Receipt,
)
from notifications.delivery import steps
from notifications.delivery.gates import Gate
from notifications.delivery.post import Post, taken
from notifications.delivery.steps import Ages, Attempt, Outcome
from notifications.models import Message
from notifications.service.reports import take_report

T = TypeVar("T")

log = structlog.get_logger("lopso.post")

_ASKED_FOR = timedelta(days=2)
"""An attempt older than this is no longer asked about: it stays unknown, on the list of people to call."""

_ASK_AGAIN = timedelta(seconds=20)
"""For so long a text of unknown outcome belongs to whoever asks about it."""

_QUESTIONS = 8  # at a time
_GROUP = 100  # asked about, and recorded, together
_GROUPS = 20  # in one round

_AGES = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=20))
"""How old a text without news is when it is asked about."""

_UNCONFIRMED = text("""
    UPDATE message SET asked_at = :now
    WHERE id IN (
        SELECT id FROM message
        WHERE state = 'sent' AND provider = :provider AND provider_id IS NOT NULL
          AND (sent_at, id) > (:after, :after_id) AND sent_at <= :youngest
          AND (asked_at IS NULL OR asked_at < sent_at + CAST(:youngest_age AS interval)
               OR sent_at <= :older AND asked_at < sent_at + CAST(:older_age AS interval)
               OR sent_at <= :oldest AND asked_at < sent_at + CAST(:oldest_age AS interval))
        ORDER BY sent_at, id LIMIT :most FOR UPDATE SKIP LOCKED
    )
    RETURNING id, reference, to_phone, body, useless_after, message_class, provider_id, sent_at
""")


async def take_back(post: Post) -> Counter[str]:
    """Free what lost workers held, end what has lost its use; the numbers by what became of them."""
    async with post.engine.begin() as connection:
        planned, lost = await steps.take_back(connection, now=post.clock())
    if planned or lost:
        log.warning("worker lost", planned_again=planned, outcome_unknown=lost)
    return +Counter({"planned": planned, "ambiguous": lost, "expired": await post.expire()})


async def settle(post: Post) -> Counter[str]:
    """Ask every provider about its attempts of unknown outcome; the numbers by state."""
    gates = [gate for gate in post.gates.all.values() if gate.gateway.can_be_asked]
    tally: Counter[str] = Counter()
    for each in await asyncio.gather(*(_settle_at(post, gate) for gate in gates)):
        tally += each
    if tally:
        log.info("unknown outcomes settled", **tally)
    return tally


async def _settle_at(post: Post, gate: Gate) -> Counter[str]:
    """What one provider says of the attempts of unknown outcome that were its own."""
    ages = Ages(post.pace.settle_after, _ASKED_FOR, _ASK_AGAIN)
    tally: Counter[str] = Counter()
    for _ in range(_GROUPS):
        if not _may_be_asked(post, gate):
            break
        async with post.engine.begin() as connection:
            attempts = await steps.unsettled(connection, gate.name, ages, most=_GROUP, now=post.clock())
        answers = await _ask(
            post, gate, [partial(gate.gateway.find, each.text, since=each.tried_at) for each in attempts]
        )
        tally += await _settled(post, attempts, answers)
        if len(attempts) < _GROUP:
            break
    return tally


async def _settled(
    post: Post, attempts: Sequence[Attempt], answers: Sequence[Sequence[Receipt] | None]
) -> Counter[str]:
    """Record what the answers say. A text that may be the one, and belongs to nobody, decides nothing."""
    known = await _known_elsewhere(post, answers, {each.id for each in attempts})
    outcomes: list[Outcome] = []
    for attempt, answer in zip(attempts, answers, strict=True):
        if answer is None:
            continue
        strangers = [receipt for receipt in answer if receipt.provider_id not in known]
        ours = next((receipt for receipt in strangers if receipt.certain), None)
        if ours is None and strangers:
            continue
        outcome = _never_seen(post, attempt) if ours is None else taken(attempt, ours)
        outcome.detail["settled_by"] = "listing"
        if ours is not None:  # two texts with the same words cannot both be this one
            known.add(ours.provider_id)
        outcomes.append(outcome)
    async with post.engine.begin() as connection:
        await steps.record(connection, outcomes, segment_price=post.segment_price, now=post.clock())
    return Counter(each.state for each in outcomes)


async def confirm(post: Post, sessions: async_sessionmaker[AsyncSession]) -> int:
    """Ask about texts sent a while ago whose arrival nobody reported; how many got news.

    A backup for status callbacks that were lost. Each provider is asked about its own, about a text at most
    once at each of `_AGES`; what could not be asked about in its time is asked about later.
    """
    return sum(await asyncio.gather(*(_confirm_at(post, sessions, gate) for gate in post.gates.all.values())))


async def _confirm_at(post: Post, sessions: async_sessionmaker[AsyncSession], gate: Gate) -> int:
    news, seen = 0, (post.clock() - _ASKED_FOR, 0)
    while _may_be_asked(post, gate):
        async with post.engine.begin() as connection:
            rows = await _unconfirmed(connection, gate.name, seen, now=post.clock())
        answers = await _ask(
            post, gate, [partial(gate.gateway.fetch, _as_sent(row), row.provider_id) for row in rows]
        )
        for row, receipt in zip(rows, answers, strict=True):
            if receipt is not None:
                async with sessions.begin() as db:
                    news += await take_report(
                        db, row.reference, receipt, now=post.clock(), segment_price=post.segment_price
                    )
        if len(rows) < _GROUP:
            break
        seen = (rows[-1].sent_at, rows[-1].id)
    return news


async def _unconfirmed(
    connection: AsyncConnection, provider: str, seen: tuple[datetime, int], *, now: datetime
) -> list[Row[Any]]:
    """The next texts to ask about, for the caller alone; those sent longest ago first."""
    youngest, older, oldest = _AGES
    rows = await connection.execute(
        _UNCONFIRMED,
        {
            "provider": provider,
            "after": seen[0],
            "after_id": seen[1],
            "youngest": now - youngest,
            "older": now - older,
            "oldest": now - oldest,
            "youngest_age": youngest,
            "older_age": older,
            "oldest_age": oldest,
            "most": _GROUP,
            "now": now,
        },
    )
    return sorted(rows.all(), key=lambda row: (row.sent_at, row.id))


def _as_sent(row: Row[Any]) -> OutgoingText:
    return OutgoingText(row.reference, row.to_phone, row.body, row.useless_after, row.message_class)


def _may_be_asked(post: Post, gate: Gate) -> bool:
    """Not while it wants no calls, nor while it does not know us."""
    return not gate.door().opens_in(post.clock()) and gate.standing.why != CREDENTIALS


def _never_seen(post: Post, attempt: Attempt) -> Outcome:
    if attempt.never_seen + 1 >= post.pace.tries:
        return Outcome(attempt, "failed", "given_up", detail={"why": "given_up"})
    return Outcome(attempt, "planned", due_at=post.clock(), detail={"why": "never_seen"})


async def _ask(post: Post, gate: Gate, questions: Sequence[Callable[[], Awaitable[T]]]) -> list[T | None]:
    """A provider's answers; None where there was none. Once it cannot be reached, it is asked no more."""
    turns = asyncio.Semaphore(_QUESTIONS)
    silent = False

    async def ask(question: Callable[[], Awaitable[T]]) -> T | None:
        nonlocal silent
        async with turns:
            if silent:
                return None
            try:
                return await question()
            except GatewayUnavailable as busy:
                log.warning("provider could not be asked", provider=gate.name, why=busy.why)
                if not busy.one_text:
                    silent = True
                    await post.gates.close(gate, busy.retry_after, busy.why)
            except Exception:
                log.exception("question failed", provider=gate.name)
            return None

    return list(await asyncio.gather(*(ask(each) for each in questions)))


async def _known_elsewhere(
    post: Post, answers: Sequence[Sequence[Receipt] | None], asked: set[int]
) -> set[str]:
    """Which of the provider's texts already belong to another row of the ledger."""
    found = [receipt.provider_id for answer in answers for receipt in answer or ()]
    async with post.engine.connect() as connection:
        rows = await connection.scalars(
            select(Message.provider_id).where(Message.provider_id.in_(found), Message.id.not_in(asked))
        )
        return {provider_id for provider_id in rows if provider_id is not None}
