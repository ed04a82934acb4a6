"""Delivery resumes after a pause; after a restore only once every provider has been asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from invitations.delivery.restoration import set_restored_aside
from lopso.kernel.access import Actor
from lopso.kernel.operations.delivery_pause import DeliveryPause, end_pause, open_pause
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.restoration import ProviderSilent, RestoredTexts, settle_restored
from notifications.service.ledger import notify_workers


@dataclass(frozen=True, slots=True)
class Resumed:
    """What was found before delivery resumed: texts, and mails that are kept back for a person."""

    texts: RestoredTexts
    mails: int = 0


async def resume_delivery(
    dispatcher: Dispatcher, sessions: async_sessionmaker[AsyncSession], *, by: Actor
) -> Resumed | None:
    """End the open pause; None where delivery is not paused. Commits in steps.

    Raises:
        ProviderSilent: nothing is sent yet; the pause names the provider.
    """
    async with sessions() as db:
        pause = await open_pause(db)
    if pause is None:
        return None
    texts = RestoredTexts()
    if pause.reason == "restored":
        try:
            texts = await settle_restored(dispatcher, pause)
        except ProviderSilent as silent:
            await _note_problem(sessions, silent.name)
            raise
    async with sessions.begin() as db:
        found = await open_pause(db, lock=True)
        if found is None:  # another worker, or the command, was quicker
            return None
        now = dispatcher.clock()
        mails = await _keep_mails_back(db, found, now=now)
        await end_pause(db, found, by=by, now=now)
        await notify_workers(db)
    return Resumed(texts, mails)


async def is_asked_for(sessions: async_sessionmaker[AsyncSession]) -> bool:
    """Whether somebody asked to resume."""
    async with sessions() as db:
        pause = await open_pause(db)
    return pause is not None and pause.resume_asked_at is not None


async def _note_problem(sessions: async_sessionmaker[AsyncSession], provider: str) -> None:
    async with sessions.begin() as db:
        pause = await open_pause(db, lock=True)
        if pause is not None:
            pause.problem = provider


async def _keep_mails_back(db: AsyncSession, pause: DeliveryPause, *, now: datetime) -> int:
    if pause.backup_taken_at is None:
        return 0
    return await set_restored_aside(db, taken_at=pause.backup_taken_at, restored_at=pause.since, now=now)
