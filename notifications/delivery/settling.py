"""Texts of unknown fate: the provider is asked, and only what it never saw goes again.

This is where systems send twice. An attempt is asked about only when it is old enough for its call to have
ended and for the provider to list it; the answer counts only for that very attempt; a provider that cannot
be asked has not answered "no".
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.delivery import steps
from notifications.delivery.post import Post, taken
from notifications.delivery.steps import Attempt, Outcome
from notifications.gateway import GatewayUnavailable, OutgoingText, Receipt, SmsGateway
from notifications.models import Message
from notifications.service.reports import take_report

T = TypeVar("T")

log = structlog.get_logger("lopso.post")

ASKED_FOR = timedelta(days=2)
"""An attempt older than this is no longer asked about: it stays unknown, on the list of people to call."""

_QUESTIONS = 8  # at a time
_CONFIRMED_AT_ONCE = 1000

AGES = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=20))
"""How old a text without news is when it is asked about."""


async def settle(post: Post) -> Counter[str]:
    """Free what lost workers held, then ask about every attempt of unknown outcome; the numbers by state."""
    now = post.clock()
    async with post.engine.begin() as connection:
        planned, lost = await steps.take_back(connection, now=now)
    if planned or lost:
        log.warning("worker lost", planned_again=planned, outcome_unknown=lost)
    gateways = [gate.gateway for gate in post.gates.all.values() if gate.gateway.can_be_asked]
    tally: Counter[str] = Counter()
    for each in await asyncio.gather(*(_settle_at(post, gateway, now) for gateway in gateways)):
        tally += each
    if tally:
        log.info("unknown outcomes settled", **tally)
    return tally


async def _settle_at(post: Post, gateway: SmsGateway, now: datetime) -> Counter[str]:
    """What one provider says of the attempts of unknown outcome that were its own."""
    since, before = now - ASKED_FOR, now - post.pace.settle_after
    async with post.engine.connect() as connection:
        attempts = await steps.unsettled(connection, gateway.name, since=since, before=before)
    if not attempts:
        return Counter()

    answers = await _ask([partial(gateway.find, each.text, since=each.tried_at) for each in attempts])
    known = await _known_elsewhere(post, answers, {each.id for each in attempts})
    outcomes: list[Outcome] = []
    for attempt, answer in zip(attempts, answers, strict=True):
        if answer is None:
            continue
        ours = [receipt for receipt in answer if receipt.provider_id not in known]
        outcome = taken(attempt, ours[0]) if ours else _never_seen(post, attempt)
        outcome.detail["settled_by"] = "listing"
        if ours:  # two texts with the same words cannot both be this one
            known.add(ours[0].provider_id)
        outcomes.append(outcome)
    async with post.engine.begin() as connection:
        await steps.record(connection, outcomes, segment_price=post.segment_price, now=post.clock())
    return Counter(each.state for each in outcomes)


async def confirm(
    post: Post, sessions: async_sessionmaker[AsyncSession], *, since: datetime, before: datetime
) -> int:
    """Ask about texts sent between these instants whose arrival nobody reported; how many got news.

    A backup for status callbacks that were lost. Each provider is asked about its own.
    """
    news = 0
    for gate in post.gates.all.values():
        async with sessions() as db:
            rows = (
                await db.scalars(
                    select(Message)
                    .where(
                        Message.state == "sent",
                        Message.provider == gate.name,
                        Message.provider_id.is_not(None),
                        Message.sent_at >= since,
                        Message.sent_at < before,
                    )
                    .order_by(Message.sent_at, Message.id)
                    .limit(_CONFIRMED_AT_ONCE)
                )
            ).all()
        answers = await _ask(
            [
                partial(
                    gate.gateway.fetch,
                    OutgoingText(row.reference, row.to_phone, row.body, row.useless_after, row.message_class),
                    row.provider_id or "",
                )
                for row in rows
            ]
        )
        for row, receipt in zip(rows, answers, strict=True):
            if receipt is not None:
                async with sessions.begin() as db:
                    news += await take_report(
                        db, row.reference, receipt, now=post.clock(), segment_price=post.segment_price
                    )
    return news


def _never_seen(post: Post, attempt: Attempt) -> Outcome:
    if attempt.never_seen + 1 >= post.pace.tries:
        return Outcome(attempt, "failed", "given_up", detail={"why": "given_up"})
    return Outcome(attempt, "planned", due_at=post.clock(), detail={"why": "never_seen"})


async def _ask(questions: Sequence[Callable[[], Awaitable[T]]]) -> list[T | None]:
    """A provider's answers; None where it could not be asked. After one such, it is asked no more."""
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
                silent = True
                log.warning("provider could not be asked", why=busy.why)
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
