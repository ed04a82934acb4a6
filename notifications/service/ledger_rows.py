"""Write drafts into the ledger: new rows, changed rows, whom and which sessions they speak of."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message, MessageRecipient, MessageSession
from notifications.rules.drafts import Draft


async def add_drafts(db: AsyncSession, repeats: Mapping[Draft, int], now: datetime) -> dict[int, Draft]:
    """Insert a planned message for each draft, given its `repeat`; the drafts by message id."""
    if not repeats:
        return {}
    by_reference = {uuid4(): draft for draft in repeats}
    rows = await db.execute(
        insert(Message).returning(Message.id, Message.reference),
        [
            {
                "ward_id": draft.ward_id,
                "session_id": draft.session_id,
                "session_version": draft.session_version,
                "about": draft.about,
                "repeat": repeats[draft],
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


async def rewrite_messages(db: AsyncSession, changed: Mapping[int, Draft]) -> None:
    """Give open messages the times and words of their drafts; a claimed one is planned again."""
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


async def write_mentions(
    db: AsyncSession, messages: Mapping[int, Draft], *, changed: Collection[int]
) -> None:
    """Store whom each message names and its other sessions; those of `changed` messages are replaced."""
    if changed:
        await db.execute(delete(MessageRecipient).where(MessageRecipient.message_id.in_(changed)))
        await db.execute(delete(MessageSession).where(MessageSession.message_id.in_(changed)))
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
                for learner_id, trainer_id in sorted(draft.people, key=str)
            ],
        )
