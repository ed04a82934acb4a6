"""Confirm the delivery of sent texts whose report was lost."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from gateways.protocol import OutgoingText
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.lookups import OLDEST_LOOKUP, ask, may_be_asked
from notifications.delivery.providers import Provider
from notifications.service.reports import record_report

_GROUP = 100  # texts looked up together

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
    changed, seen = 0, (dispatcher.clock() - OLDEST_LOOKUP, 0)
    while may_be_asked(dispatcher, provider):
        async with dispatcher.engine.begin() as connection:
            rows = await _next_unconfirmed(connection, provider.name, seen, now=dispatcher.clock())
        answers = await ask(
            dispatcher,
            provider,
            [partial(provider.gateway.fetch, _as_sent(row), row.provider_id) for row in rows],
        )
        for row, receipt in zip(rows, answers, strict=True):
            if receipt is not None:
                async with sessions.begin() as db:
                    changed += await record_report(
                        db,
                        row.reference,
                        receipt,
                        now=dispatcher.clock(),
                        segment_price=dispatcher.segment_price,
                    )
        if len(rows) < _GROUP:
            break
        seen = (rows[-1].sent_at, rows[-1].id)
    return changed


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
