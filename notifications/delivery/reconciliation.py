"""Reconcile attempts of unknown outcome with the provider; only texts it never saw are sent again.

An attempt is looked up only when it is old enough for its call to have ended and for the provider to list it.
The answer counts for that attempt alone. A provider that cannot be asked has not answered "no". A failed
lookup does not stop the others.
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
from notifications.delivery import transitions
from notifications.delivery.attempts import ReconcileWindow, SendAttempt, SendOutcome
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.providers import Provider
from notifications.delivery.recording import record
from notifications.delivery.sending import accepted
from notifications.models import Message
from notifications.service.reports import record_report

T = TypeVar("T")

log = structlog.get_logger("lopso.delivery")

_ASKED_FOR = timedelta(days=2)
"""An attempt older than this is not looked up any more: it stays unknown, on the call list."""

_ASK_AGAIN = timedelta(seconds=20)
"""How long a text of unknown outcome belongs to the worker that looks it up."""

_QUESTIONS = 8  # concurrent lookups
_GROUP = 100  # attempts looked up and recorded together
_GROUPS = 20  # groups a run

_AGES = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=20))
"""Ages at which a text without a delivery report is looked up."""

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


async def reclaim_expired(dispatcher: Dispatcher) -> Counter[str]:
    """Reclaim texts with expired leases and expire useless ones; returns the numbers by resulting state."""
    async with dispatcher.engine.begin() as connection:
        planned, lost = await transitions.reclaim_expired(connection, now=dispatcher.clock())
    if planned or lost:
        log.warning("worker lost", planned_again=planned, outcome_unknown=lost)
    return +Counter({"planned": planned, "ambiguous": lost, "expired": await dispatcher.expire()})


async def reconcile_unknown(dispatcher: Dispatcher) -> Counter[str]:
    """Look up every provider's attempts of unknown outcome; returns the numbers by resulting state."""
    providers = [provider for provider in dispatcher.providers.all.values() if provider.gateway.has_lookup]
    tally: Counter[str] = Counter()
    for each in await asyncio.gather(*(_reconcile_provider(dispatcher, provider) for provider in providers)):
        tally += each
    if tally:
        log.info("unknown outcomes settled", **tally)
    return tally


async def _reconcile_provider(dispatcher: Dispatcher, provider: Provider) -> Counter[str]:
    """Reconcile the attempts made through one provider."""
    ages = ReconcileWindow(dispatcher.config.settle_after, _ASKED_FOR, _ASK_AGAIN)
    tally: Counter[str] = Counter()
    for _ in range(_GROUPS):
        if not _may_be_asked(dispatcher, provider):
            break
        async with dispatcher.engine.begin() as connection:
            attempts = await transitions.unknown_outcomes(
                connection, provider.name, ages, most=_GROUP, now=dispatcher.clock()
            )
        answers = await _ask(
            dispatcher,
            provider,
            [partial(provider.gateway.find, each.text, since=each.tried_at) for each in attempts],
        )
        tally += await _record_answers(dispatcher, attempts, answers)
        if len(attempts) < _GROUP:
            break
    return tally


async def _record_answers(
    dispatcher: Dispatcher,
    attempts: Sequence[SendAttempt],
    answers: Sequence[Sequence[Receipt] | None],
) -> Counter[str]:
    """Record the answers. A receipt that may be this text, but is not certain, decides nothing."""
    known = await _known_elsewhere(dispatcher, answers, {each.id for each in attempts})
    outcomes: list[SendOutcome] = []
    for attempt, answer in zip(attempts, answers, strict=True):
        if answer is None:
            continue
        strangers = [receipt for receipt in answer if receipt.provider_id not in known]
        ours = next((receipt for receipt in strangers if receipt.certain), None)
        if ours is None and strangers:
            continue
        outcome = _never_seen(dispatcher, attempt) if ours is None else accepted(attempt, ours)
        outcome.detail["settled_by"] = "listing"
        if ours is not None:  # one receipt answers for one text only
            known.add(ours.provider_id)
        outcomes.append(outcome)
    async with dispatcher.engine.begin() as connection:
        await record(connection, outcomes, segment_price=dispatcher.segment_price, now=dispatcher.clock())
    return Counter(each.state for each in outcomes)


async def confirm_delivery(dispatcher: Dispatcher, sessions: async_sessionmaker[AsyncSession]) -> int:
    """Look up sent texts without a delivery report; returns how many changed.

    A backup for status callbacks that were lost. Each provider is asked about its own texts, once at each of
    `_AGES`; a lookup that was missed is made later.
    """
    return sum(
        await asyncio.gather(
            *(
                _confirm_provider(dispatcher, sessions, provider)
                for provider in dispatcher.providers.all.values()
            )
        )
    )


async def _confirm_provider(
    dispatcher: Dispatcher, sessions: async_sessionmaker[AsyncSession], provider: Provider
) -> int:
    news, seen = 0, (dispatcher.clock() - _ASKED_FOR, 0)
    while _may_be_asked(dispatcher, provider):
        async with dispatcher.engine.begin() as connection:
            rows = await _next_unconfirmed(connection, provider.name, seen, now=dispatcher.clock())
        answers = await _ask(
            dispatcher,
            provider,
            [partial(provider.gateway.fetch, _as_sent(row), row.provider_id) for row in rows],
        )
        for row, receipt in zip(rows, answers, strict=True):
            if receipt is not None:
                async with sessions.begin() as db:
                    news += await record_report(
                        db,
                        row.reference,
                        receipt,
                        now=dispatcher.clock(),
                        segment_price=dispatcher.segment_price,
                    )
        if len(rows) < _GROUP:
            break
        seen = (rows[-1].sent_at, rows[-1].id)
    return news


async def _next_unconfirmed(
    connection: AsyncConnection, provider: str, seen: tuple[datetime, int], *, now: datetime
) -> list[Row[Any]]:
    """The next texts to look up, reserved for the caller; those sent longest ago first."""
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


def _may_be_asked(dispatcher: Dispatcher, provider: Provider) -> bool:
    """False while it is suspended or refuses our credentials."""
    return not provider.option().opens_in(dispatcher.clock()) and provider.health.why != CREDENTIALS


def _never_seen(dispatcher: Dispatcher, attempt: SendAttempt) -> SendOutcome:
    if attempt.never_seen + 1 >= dispatcher.config.tries:
        return SendOutcome(attempt, "failed", "given_up", detail={"why": "given_up"})
    return SendOutcome(attempt, "planned", due_at=dispatcher.clock(), detail={"why": "never_seen"})


async def _ask(
    dispatcher: Dispatcher, provider: Provider, questions: Sequence[Callable[[], Awaitable[T]]]
) -> list[T | None]:
    """A provider's answers, None for a failed lookup. Stops once the provider is unreachable."""
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
                log.warning("provider could not be asked", provider=provider.name, why=busy.why)
                if not busy.one_text:
                    silent = True
                    await dispatcher.providers.suspend(provider, busy.retry_after, busy.why)
            except Exception:
                log.exception("question failed", provider=provider.name)
            return None

    return list(await asyncio.gather(*(ask(each) for each in questions)))


async def _known_elsewhere(
    dispatcher: Dispatcher, answers: Sequence[Sequence[Receipt] | None], asked: set[int]
) -> set[str]:
    """Provider ids that already belong to another message."""
    found = [receipt.provider_id for answer in answers for receipt in answer or ()]
    async with dispatcher.engine.connect() as connection:
        rows = await connection.scalars(
            select(Message.provider_id).where(Message.provider_id.in_(found), Message.id.not_in(asked))
        )
        return {provider_id for provider_id in rows if provider_id is not None}
