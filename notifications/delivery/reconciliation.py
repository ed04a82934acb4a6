"""Reconcile attempts of unknown outcome with the provider; only texts it never saw are sent again.

An attempt is looked up only when it is old enough for its call to have ended and for the provider to list it.
The answer counts for that attempt alone. A provider that cannot be asked has not answered "no". A failed
lookup does not stop the others.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select

from gateways.protocol import Receipt
from notifications.delivery import transitions
from notifications.delivery.attempts import ReconcileWindow, SendAttempt, SendOutcome
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.lookups import OLDEST_LOOKUP, ask, may_be_asked
from notifications.delivery.providers import Provider
from notifications.delivery.recording import record
from notifications.delivery.sending import accepted
from notifications.models import Message

log = structlog.get_logger("lopso.delivery")

_ASK_AGAIN = timedelta(seconds=20)
"""How long a text of unknown outcome belongs to the worker that looks it up."""

_GROUP = 100  # attempts looked up and recorded together
_GROUPS = 20  # groups a run


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
    ages = ReconcileWindow(dispatcher.config.settle_after, OLDEST_LOOKUP, _ASK_AGAIN)
    tally: Counter[str] = Counter()
    for _ in range(_GROUPS):
        if not may_be_asked(dispatcher, provider):
            break
        async with dispatcher.engine.begin() as connection:
            attempts = await transitions.unknown_outcomes(
                connection, provider.name, ages, most=_GROUP, now=dispatcher.clock()
            )
        answers = await ask(
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
    known = await known_elsewhere(dispatcher, answers, {each.id for each in attempts})
    outcomes: list[SendOutcome] = []
    for attempt, answer in zip(attempts, answers, strict=True):
        if answer is None:
            continue
        strangers = [receipt for receipt in answer if receipt.provider_id not in known]
        ours = next((receipt for receipt in strangers if receipt.certain), None)
        if ours is None and strangers:
            continue
        outcome = never_seen_outcome(dispatcher, attempt) if ours is None else accepted(attempt, ours)
        outcome.detail["settled_by"] = "listing"
        if ours is not None:  # one receipt answers for one text only
            known.add(ours.provider_id)
        outcomes.append(outcome)
    async with dispatcher.engine.begin() as connection:
        await record(connection, outcomes, segment_price=dispatcher.segment_price, now=dispatcher.clock())
    return Counter(each.state for each in outcomes)


def never_seen_outcome(dispatcher: Dispatcher, attempt: SendAttempt) -> SendOutcome:
    if attempt.never_seen + 1 >= dispatcher.config.tries:
        return SendOutcome(attempt, "failed", "given_up", detail={"why": "given_up"})
    return SendOutcome(attempt, "planned", due_at=dispatcher.clock(), detail={"why": "never_seen"})


async def known_elsewhere(
    dispatcher: Dispatcher, answers: Sequence[Sequence[Receipt] | None], asked: set[int]
) -> set[str]:
    """Provider ids that already belong to another message."""
    found = [receipt.provider_id for answer in answers for receipt in answer or ()]
    async with dispatcher.engine.connect() as connection:
        rows = await connection.scalars(
            select(Message.provider_id).where(Message.provider_id.in_(found), Message.id.not_in(asked))
        )
        return {provider_id for provider_id in rows if provider_id is not None}
