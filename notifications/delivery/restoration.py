"""After a restore: what may have gone since the backup is asked of the providers, before anything is sent.

The database shows the moment of the backup. A text that was open then and due since may have gone; only the
providers know. Every provider of its route is asked, for it may have gone through any of them. Nothing is
claimed meanwhile, so an answer holds until delivery resumes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Row, text

from gateways.protocol import Receipt
from lopso.kernel.operations.delivery_pause import DeliveryPause
from notifications.delivery.attempts import SendAttempt, SendOutcome, attempt_of
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.lookups import ask, may_be_asked
from notifications.delivery.providers import Provider
from notifications.delivery.reconciliation import known_elsewhere, never_seen_outcome
from notifications.delivery.recording import record
from notifications.delivery.sending import accepted

log = structlog.get_logger("lopso.delivery")

_GROUP = 100  # texts asked about and recorded together
_MARGIN = timedelta(days=1)
"""Texts due so much later are asked about too: since the backup their time may have been another."""

_LOOKED_UP = timedelta(days=2)
"""An attempt of unknown outcome older than this at the backup is not asked about any more."""

LookupAnswer = Sequence[Receipt] | None

# `asked_at` is when all providers said "never": whoever is killed goes on where it stopped.
_OPEN = text("""
    SELECT m.id, m.attempts, m.provider, m.reference, m.to_phone, m.body, m.useless_after, m.message_class,
           t.registered_id, CASE WHEN t.registered_id IS NULL THEN '' ELSE t.body END AS wording,
           least(m.tried_at, :taken_at) AS tried_at, m.state
    FROM message m JOIN message_template t ON t.id = m.template_id
    WHERE (m.state IN ('planned', 'claimed', 'sending') AND m.due_at <= :until
           OR m.state = 'ambiguous' AND m.resolution = '' AND m.state_reason <> 'restored'
              AND m.tried_at > :oldest)
      AND (m.asked_at IS NULL OR m.asked_at <= :restored_at)
      AND m.id > :after
    ORDER BY m.id LIMIT :most
""")
_WENT = text("""
    UPDATE message SET provider = :provider, held_at = NULL, held_by = NULL,
        tried_at = coalesce(tried_at, least(greatest(due_at, :taken_at), :restored_at))
    WHERE id = :id AND state IN ('planned', 'claimed', 'sending', 'ambiguous')
""")
_UNSENT = text("""
    UPDATE message SET asked_at = :now, state = 'planned', lease_until = NULL
    WHERE id = ANY(CAST(:ids AS bigint[])) AND state IN ('planned', 'claimed')
""")
_ASKED = text("UPDATE message SET asked_at = :now WHERE id = ANY(CAST(:ids AS bigint[]))")
# Without a provider it is not looked up again: the answer of one of them would not do.
_UNKNOWN = text("""
    WITH done AS (
        UPDATE message SET state = 'ambiguous', state_reason = 'restored', lease_until = NULL,
            provider = NULL, held_at = NULL, held_by = NULL, asked_at = :now,
            tried_at = coalesce(tried_at, least(greatest(due_at, :taken_at), :restored_at))
        WHERE id = ANY(CAST(:ids AS bigint[])) AND state IN ('planned', 'claimed', 'sending', 'ambiguous')
        RETURNING id
    )
    INSERT INTO delivery_event (message_id, at, state, detail)
    SELECT id, :now, 'ambiguous', '{"why": "restored"}' FROM done
""")


class ProviderSilent(Exception):
    """A provider that has to be asked cannot be reached, or does not know us; `name` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class RestoredTexts:
    """Texts that may have gone before a restore.

    Attributes:
        gone: they went, and are recorded so.
        unsent: no provider ever saw them; they go once delivery resumes.
        unknown: nobody can say; a person decides about each.
    """

    gone: int = 0
    unsent: int = 0
    unknown: int = 0

    def __add__(self, other: "RestoredTexts") -> "RestoredTexts":
        return RestoredTexts(self.gone + other.gone, self.unsent + other.unsent, self.unknown + other.unknown)


async def settle_restored(dispatcher: Dispatcher, pause: DeliveryPause) -> RestoredTexts:
    """Ask about every text that may have gone between the backup and the restore of `pause`.

    Killed or refused in the middle, it goes on where it stopped when called again.

    Raises:
        ProviderSilent: nothing may be sent yet.
    """
    for name in await dispatcher.providers.check():
        raise ProviderSilent(name)
    found, after = RestoredTexts(), 0
    while rows := await _open_texts(dispatcher, pause, after):
        found += await _settle_group(dispatcher, pause, rows)
        after = rows[-1].id
    log.info("restored texts settled", gone=found.gone, unsent=found.unsent, unknown=found.unknown)
    return found


async def _open_texts(dispatcher: Dispatcher, pause: DeliveryPause, after: int) -> Sequence[Row[Any]]:
    taken_at = pause.backup_taken_at or pause.since
    values = {
        "taken_at": taken_at,
        "until": dispatcher.clock() + _MARGIN,
        "oldest": taken_at - _LOOKED_UP,
        "restored_at": pause.since,
        "after": after,
        "most": _GROUP,
    }
    async with dispatcher.engine.connect() as connection:
        return (await connection.execute(_OPEN, values)).all()


async def _settle_group(
    dispatcher: Dispatcher, pause: DeliveryPause, rows: Sequence[Row[Any]]
) -> RestoredTexts:
    taken_at = pause.backup_taken_at or pause.since
    attempts = {row.id: attempt_of(row) for row in rows}
    answers = await _ask_all(dispatcher, attempts)
    known = await known_elsewhere(
        dispatcher, [answer for each in answers.values() for answer in each.values()], set(attempts)
    )
    gone, unsent, unknown = list[SendOutcome](), list[int](), list[int]()
    for message_id, attempt in attempts.items():
        receipt = _certain(answers[message_id], known)
        if receipt is not None:
            known.add(receipt[1].provider_id)  # one receipt answers for one text only
            gone.append(_gone(attempt, *receipt))
        elif any(answer is None or _strange(answer, known) for answer in answers[message_id].values()):
            unknown.append(message_id)
        else:
            unsent.append(message_id)
    never_seen = [
        never_seen_outcome(dispatcher, attempts[row.id])
        for row in rows
        if row.id in unsent and row.state in ("sending", "ambiguous")
    ]
    now = dispatcher.clock()
    moments = {"taken_at": taken_at, "restored_at": pause.since}
    async with dispatcher.engine.begin() as connection:
        for each in gone:
            values = {"id": each.attempt.id, "provider": each.attempt.provider, **moments}
            await connection.execute(_WENT, values)
        await record(connection, [*gone, *never_seen], segment_price=dispatcher.segment_price, now=now)
        await connection.execute(_UNSENT, {"ids": unsent, "now": now})
        await connection.execute(_ASKED, {"ids": unsent, "now": now})
        await connection.execute(_UNKNOWN, {"ids": unknown, "now": now, **moments})
    return RestoredTexts(len(gone), len(unsent), len(unknown))


async def _ask_all(
    dispatcher: Dispatcher, attempts: Mapping[int, SendAttempt]
) -> dict[int, dict[str, LookupAnswer]]:
    """By message id and provider of its route what that provider says; None: it cannot say.

    Raises:
        ProviderSilent: one of them cannot be asked now.
    """
    answers: dict[int, dict[str, LookupAnswer]] = {message_id: {} for message_id in attempts}

    async def ask_one(provider: Provider) -> None:
        wanted = [
            each
            for each in attempts.values()
            if provider in dispatcher.providers.route(each.text.message_class)
        ]
        for attempt, answer in zip(wanted, await _ask_provider(dispatcher, provider, wanted), strict=True):
            answers[attempt.id][provider.name] = answer

    await asyncio.gather(*(ask_one(provider) for provider in dispatcher.providers.all.values()))
    return answers


async def _ask_provider(
    dispatcher: Dispatcher, provider: Provider, attempts: Sequence[SendAttempt]
) -> Sequence[LookupAnswer]:
    if not provider.gateway.has_lookup:
        return [None] * len(attempts)
    if attempts and not may_be_asked(dispatcher, provider):
        raise ProviderSilent(provider.name)
    questions = [partial(provider.gateway.find, each.text, since=each.tried_at) for each in attempts]
    answers = await ask(dispatcher, provider, questions)
    if not may_be_asked(dispatcher, provider):
        raise ProviderSilent(provider.name)
    return answers


def _certain(answers: Mapping[str, LookupAnswer], known: set[str]) -> tuple[str, Receipt] | None:
    """The provider and its receipt that is this text beyond doubt, if any."""
    for name, answer in answers.items():
        for receipt in answer or ():
            if receipt.certain and receipt.provider_id not in known:
                return name, receipt
    return None


def _strange(answer: Sequence[Receipt], known: set[str]) -> bool:
    """Whether something in `answer` may be this text, though not for certain."""
    return any(receipt.provider_id not in known for receipt in answer)


def _gone(attempt: SendAttempt, provider: str, receipt: Receipt) -> SendOutcome:
    outcome = accepted(replace(attempt, provider=provider), receipt)
    outcome.detail["settled_by"] = "restore"
    return outcome
