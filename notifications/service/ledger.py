"""Bringing the ledger into line with what should stand in it. A fixed number of statements for any number."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.opt_outs import refused_topics, refuses
from notifications.queries.texts import speaking_of
from notifications.rules.drafts import Draft, OtherSession
from notifications.rules.facts import Purpose
from notifications.rules.states import BY_STAFF

OPEN_STATES = ("planned", "claimed")
"""Not yet on its way: may still be changed or taken back."""

DUE_CHANNEL = "lopso_texts"
"""The channel on which a worker hears that something may be due."""

MAX_REPEATS = 9
"""How often the same thing is said again of one version of a session."""

_NEAR = timedelta(minutes=1)

Key = tuple[int | str, str, str]
"""Subject, purpose, phone; the subject is the id of a session, or what else the text is about."""


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """How many texts were added, re-timed or re-worded, and taken back."""

    planned: int = 0
    changed: int = 0
    withdrawn: int = 0

    def __bool__(self) -> bool:
        return bool(self.planned or self.changed or self.withdrawn)

    def __add__(self, other: "LedgerChanges") -> "LedgerChanges":
        return LedgerChanges(
            self.planned + other.planned, self.changed + other.changed, self.withdrawn + other.withdrawn
        )


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """An open text as it stands, with whom it names and the other sessions it speaks of."""

    id: int
    key: Key
    session_version: int
    body: str
    due_at: datetime
    useless_after: datetime
    moved_from: datetime | None
    people: frozenset[tuple[int | None, int | None]]
    other_sessions: frozenset[OtherSession] = frozenset()

    def says(self, draft: Draft) -> bool:
        """Whether it already is what `draft` wants."""
        return (
            self.session_version == draft.session_version
            and self.body == draft.text.plain
            and (self.due_at, self.useless_after) == (draft.window.due_at, draft.window.useless_after)
            and self.moved_from == draft.moved_from
            and self.people == _people(draft)
            and self.other_sessions == frozenset(draft.other_sessions)
        )


async def open_messages(
    db: AsyncSession, session_ids: Collection[int], purposes: Collection[Purpose]
) -> list[OpenMessage]:
    """The texts that speak of these sessions and are not yet on their way, locked in id order.

    Three statements.
    """
    return await _open(db, speaking_of(session_ids), Message.purpose.in_(purposes))


async def open_messages_about(db: AsyncSession, subjects: Collection[str]) -> list[OpenMessage]:
    """The texts about these subjects that are not yet on their way, locked in id order; three statements."""
    return await _open(db, Message.about.in_(subjects))


async def _open(db: AsyncSession, *which: ColumnElement[bool]) -> list[OpenMessage]:
    rows = (
        await db.execute(
            select(
                Message.id,
                Message.session_id,
                Message.about,
                Message.purpose,
                Message.to_phone,
                Message.session_version,
                Message.body,
                Message.due_at,
                Message.useless_after,
                Message.moved_from,
            )
            .where(Message.state.in_(OPEN_STATES), *which)
            .order_by(Message.id)
            .with_for_update()
        )
    ).all()
    if not rows:
        return []
    named: dict[int, set[tuple[int | None, int | None]]] = {row.id: set() for row in rows}
    people = await db.execute(
        select(MessageRecipient.message_id, MessageRecipient.learner_id, MessageRecipient.trainer_id).where(
            MessageRecipient.message_id.in_(named)
        )
    )
    for message_id, learner_id, trainer_id in people:
        named[message_id].add((learner_id, trainer_id))
    others: dict[int, set[OtherSession]] = {row.id: set() for row in rows}
    for each in await db.scalars(select(MessageSession).where(MessageSession.message_id.in_(others))):
        others[each.message_id].add(OtherSession(each.session_id, each.session_version, each.moved_from))
    return [
        OpenMessage(
            row.id,
            (row.about or row.session_id, row.purpose, row.to_phone),
            row.session_version,
            row.body,
            row.due_at,
            row.useless_after,
            row.moved_from,
            frozenset(named[row.id]),
            frozenset(others[row.id]),
        )
        for row in rows
    ]


async def reconcile(
    db: AsyncSession,
    wanted: Iterable[Draft],
    current: Sequence[OpenMessage],
    *,
    reason: str,
    now: datetime,
    again: bool = False,
) -> LedgerChanges:
    """Make the open texts `current` into those `wanted`: change, add, withdraw. Does not commit.

    A text that already went, or is on its way, for the same version of the session is not planned again, and
    none to a number that does not want it.

    Args:
        standing: from `open_messages`: in id order, locked.
        reason: code kept with the texts that are withdrawn.
        again: it happened once more, so that people have to hear it once more.
    """
    drafts: dict[Key, Draft] = {draft.key: draft for draft in wanted}
    refused = await refused_topics(db, {draft.phone for draft in drafts.values()})
    drafts = {key: draft for key, draft in drafts.items() if not refuses(refused, draft.phone, draft.purpose)}
    kept: dict[Key, OpenMessage] = {}
    surplus: list[int] = []
    for each in reversed(current):  # newest first: an older one of the same key is superseded
        if each.key in drafts and each.key not in kept:
            kept[each.key] = each
        else:
            surplus.append(each.id)
    missing = [draft for key, draft in drafts.items() if key not in kept]
    gone = await _gone(db, missing)
    new = {
        draft: gone.get((draft.key, draft.session_version), -1) + 1
        for draft in missing
        if again or (draft.key, draft.session_version) not in gone
    }
    new = {draft: repeat for draft, repeat in new.items() if repeat <= MAX_REPEATS}
    changed = {each.id: drafts[key] for key, each in kept.items() if not each.says(drafts[key])}

    await withdraw(db, surplus, reason=reason, now=now)
    await _rewrite(db, changed)
    await _name(db, await _add(db, new, now) | changed, renamed=list(changed))
    if any(draft.window.due_at <= now + _NEAR for draft in (*new, *changed.values())):
        await notify_workers(db)
    return LedgerChanges(len(new), len(changed), len(surplus))


async def withdraw(db: AsyncSession, message_ids: Collection[int], *, reason: str, now: datetime) -> None:
    """Take back open texts that the caller holds locked. Does not commit."""
    if message_ids:
        await db.execute(
            update(Message)
            .where(Message.id.in_(message_ids), Message.state.in_(OPEN_STATES))
            .values(state="withdrawn", state_reason=reason, lease_until=None, finished_at=now)
            .execution_options(synchronize_session=False)
        )


async def notify_workers(db: AsyncSession) -> None:
    """Tell the workers, once this transaction commits, that something may be due."""
    await db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": DUE_CHANNEL})


async def _gone(db: AsyncSession, drafts: Collection[Draft]) -> dict[tuple[Key, int], int]:
    """The highest repeat of texts that hold their place: sent, on their way, failed, too late, unwanted."""
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
        ((row.about or row.session_id, row.purpose, row.to_phone), row.session_version): row.repeat
        for row in rows
    }


async def _add(db: AsyncSession, drafts: Mapping[Draft, int], now: datetime) -> dict[int, Draft]:
    if not drafts:
        return {}
    by_reference = {uuid4(): draft for draft in drafts}
    rows = await db.execute(
        insert(Message).returning(Message.id, Message.reference),
        [
            {
                "ward_id": draft.ward_id,
                "session_id": draft.session_id,
                "session_version": draft.session_version,
                "about": draft.about,
                "repeat": drafts[draft],
                "purpose": draft.purpose,
                "message_class": draft.wording.message_class,
                "to_phone": draft.phone,
                "template_id": draft.wording.id,
                "body": draft.text.plain,
                "body_accented": draft.text.accented,
                "encoding": draft.text.encoding,
                "segments": draft.text.segments,
                "due_at": draft.window.due_at,
                "useless_after": draft.window.useless_after,
                "urgent": draft.urgent,
                "moved_from": draft.moved_from,
                "reference": reference,
                "created_at": now,
            }
            for reference, draft in by_reference.items()
        ],
    )
    return {message_id: by_reference[reference] for message_id, reference in rows}


_REWRITE = text("""
    UPDATE message SET
        session_version = new.session_version, template_id = new.template_id, body = new.body,
        body_accented = new.body_accented, encoding = new.encoding, segments = new.segments,
        due_at = new.due_at, first_due_at = NULL, useless_after = new.useless_after,
        moved_from = new.moved_from, state = 'planned', state_reason = '', lease_until = NULL
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:versions AS bigint[]), CAST(:templates AS bigint[]),
        CAST(:bodies AS text[]), CAST(:accented AS text[]), CAST(:encodings AS text[]),
        CAST(:segments AS smallint[]), CAST(:due AS timestamptz[]), CAST(:useless AS timestamptz[]),
        CAST(:moved_from AS timestamptz[])
    ) AS new (
        id, session_version, template_id, body, body_accented, encoding, segments, due_at, useless_after,
        moved_from
    )
    WHERE message.id = new.id
""")


async def _rewrite(db: AsyncSession, changed: dict[int, Draft]) -> None:
    """Give open texts a new time and wording; one that a worker had claimed is planned again."""
    drafts = list(changed.values())
    if drafts:
        await db.execute(
            _REWRITE,
            {
                "ids": list(changed),
                "versions": [draft.session_version for draft in drafts],
                "templates": [draft.wording.id for draft in drafts],
                "bodies": [draft.text.plain for draft in drafts],
                "accented": [draft.text.accented for draft in drafts],
                "encodings": [draft.text.encoding for draft in drafts],
                "segments": [draft.text.segments for draft in drafts],
                "due": [draft.window.due_at for draft in drafts],
                "useless": [draft.window.useless_after for draft in drafts],
                "moved_from": [draft.moved_from for draft in drafts],
            },
        )


async def _name(db: AsyncSession, messages: dict[int, Draft], *, renamed: Sequence[int]) -> None:
    """Note whom each message speaks of, and which other sessions, in place of those before."""
    if renamed:
        await db.execute(delete(MessageRecipient).where(MessageRecipient.message_id.in_(renamed)))
        await db.execute(delete(MessageSession).where(MessageSession.message_id.in_(renamed)))
    if others := [
        (message_id, each) for message_id, draft in messages.items() for each in draft.other_sessions
    ]:
        await db.execute(
            insert(MessageSession),
            [{"message_id": message_id, **each._asdict()} for message_id, each in others],
        )
    if messages:
        await db.execute(
            insert(MessageRecipient),
            [
                {"message_id": message_id, "learner_id": learner_id, "trainer_id": trainer_id}
                for message_id, draft in messages.items()
                for learner_id, trainer_id in sorted(_people(draft), key=str)
            ],
        )


def _people(draft: Draft) -> frozenset[tuple[int | None, int | None]]:
    return frozenset((each.learner_id, each.trainer_id) for each in draft.recipients)
