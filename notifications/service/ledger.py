"""Reconcile the ledger with the messages that should be in it, by a fixed number of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.db import one_of
from notifications.models import Message
from notifications.queries.opt_outs import refused_topics, refuses
from notifications.rules.drafts import Draft, MessageKey
from notifications.rules.states import BY_STAFF
from notifications.service.ledger_rows import add_drafts, rewrite_messages, write_mentions
from notifications.service.open_messages import OPEN_STATES, OpenMessage

DUE_CHANNEL = "lopso_texts"
"""The NOTIFY channel that wakes a worker when something may be due."""

MAX_REPEATS = 9
"""The highest `repeat` of one message; the column's check says the same."""

_NEAR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """How many messages were planned, changed (time or words) and withdrawn."""

    planned: int = 0
    changed: int = 0
    withdrawn: int = 0

    def __bool__(self) -> bool:
        return bool(self.planned or self.changed or self.withdrawn)

    def __add__(self, other: "LedgerChanges") -> "LedgerChanges":
        return LedgerChanges(
            self.planned + other.planned, self.changed + other.changed, self.withdrawn + other.withdrawn
        )


async def reconcile(
    db: AsyncSession,
    wanted: Iterable[Draft],
    current: Sequence[OpenMessage],
    *,
    reason: str,
    now: datetime,
    again: bool = False,
) -> LedgerChanges:
    """Turn the open messages `current` into those `wanted`: change, add, withdraw. Does not commit.

    What was already sent, or is on its way, for the same version of the session is not planned again; nothing
    is planned for a number that has opted out.

    Args:
        current: from `open_messages`: in id order, locked.
        reason: code stored with the messages that are withdrawn.
        again: the event happened once more, so that people have to hear of it once more.
    """
    drafts = await without_opted_out(db, wanted)
    kept, surplus = _matched(current, drafts)
    new = await _to_add(db, [draft for key, draft in drafts.items() if key not in kept], again=again)
    changed = {each.id: drafts[key] for key, each in kept.items() if not each.equals(drafts[key])}

    await withdraw(db, surplus, reason=reason, now=now)
    await rewrite_messages(db, changed)
    await write_mentions(db, await add_drafts(db, new, now) | changed, changed=list(changed))
    if any(draft.window.due_at <= now + _NEAR for draft in (*new, *changed.values())):
        await notify_workers(db)
    return LedgerChanges(len(new), len(changed), len(surplus))


async def withdraw(db: AsyncSession, message_ids: Collection[int], *, reason: str, now: datetime) -> None:
    """Withdraw open messages that the caller holds locked. Does not commit."""
    if message_ids:
        await db.execute(
            update(Message)
            .where(one_of(Message.id, message_ids), Message.state.in_(OPEN_STATES))
            .values(state="withdrawn", state_reason=reason, lease_until=None, finished_at=now)
            .execution_options(synchronize_session=False)
        )


async def notify_workers(db: AsyncSession) -> None:
    """Wake the workers, once this transaction commits: something may be due."""
    await db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": DUE_CHANNEL})


async def without_opted_out(db: AsyncSession, wanted: Iterable[Draft]) -> dict[MessageKey, Draft]:
    """Those of these drafts whose number wants them, by their keys; one statement."""
    drafts = {draft.key: draft for draft in wanted}
    refused = await refused_topics(db, {draft.phone for draft in drafts.values()})
    return {key: draft for key, draft in drafts.items() if not refuses(refused, draft.phone, draft.purpose)}


def _matched(
    current: Sequence[OpenMessage], drafts: Mapping[MessageKey, Draft]
) -> tuple[dict[MessageKey, OpenMessage], list[int]]:
    """The open message for each draft that has one, and the ids of those that no draft asks for."""
    kept: dict[MessageKey, OpenMessage] = {}
    surplus: list[int] = []
    for each in reversed(current):  # newest first: an older one of the same key is superseded
        if each.key in drafts and each.key not in kept:
            kept[each.key] = each
        else:
            surplus.append(each.id)
    return kept, surplus


async def _to_add(db: AsyncSession, missing: Collection[Draft], *, again: bool) -> dict[Draft, int]:
    """The drafts among those `missing` to be planned, each with its `repeat`."""
    last = await _last_repeats(db, missing)
    new = {
        draft: last.get((draft.key, draft.session_version), -1) + 1
        for draft in missing
        if again or (draft.key, draft.session_version) not in last
    }
    return {draft: repeat for draft, repeat in new.items() if repeat <= MAX_REPEATS}


async def _last_repeats(db: AsyncSession, drafts: Collection[Draft]) -> dict[tuple[MessageKey, int], int]:
    """The highest `repeat` by key and session version, of messages that are not to be planned again.

    Those that were sent, are on their way, failed or expired; and those that staff withdrew.
    """
    if not drafts:
        return {}
    rows = await db.execute(
        select(
            Message.session_id,
            Message.about,
            Message.purpose,
            Message.to_phone,
            Message.session_version,
            func.max(Message.repeat).label("repeat"),
        )
        .where(
            or_(
                Message.session_id.in_({draft.session_id for draft in drafts}),
                Message.about.in_({draft.about for draft in drafts if draft.about}),
            ),
            or_(
                Message.state.not_in(("withdrawn", "suppressed")),
                and_(
                    Message.state == "withdrawn",
                    Message.state_reason == BY_STAFF,
                    Message.resolved_at.is_(None),  # not put back since
                ),
            ),
        )
        .group_by(
            Message.session_id, Message.about, Message.purpose, Message.to_phone, Message.session_version
        )
    )
    return {
        (MessageKey(row.about or row.session_id, row.purpose, row.to_phone), row.session_version): row.repeat
        for row in rows
    }
